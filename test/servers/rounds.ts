import pg from "pg";
import { PrunellaError, RestartPolicy, type ErrorCode, type Instruction } from "@prunella/contract";
import type { SupervisorPort } from "@prunella/server";
import { crashNow } from "../../bench/cells/decision.ts";
import { field } from "../../bench/operator.ts";
import { createSeeded } from "../crashloop/seeded.ts";
import type { Member, Servers } from "./servers.ts";

export interface RoundsReport {
  /** Ids of crashes that were acknowledged. */
  readonly acknowledged: ReadonlySet<string>;
  /** Attempts whose permit was redeemed, once for each time that it was. */
  readonly effects: readonly string[];
  readonly decided: number;
  readonly kills: number;
  /** How often the database ended every connection. */
  readonly cuts: number;
  /** Crashes that had no answer within the round; told, not judged: their work was in the hands of a killed server. */
  readonly late: number;
  readonly violations: readonly string[];
}

/** Small enough that every few rounds somebody must decide, and that the window moves on meanwhile. */
export const POLICY = RestartPolicy.parse({
  budget: { max: 3, window_ms: 8_000 },
  ceiling: 1,
  backoff: { base_ms: 0, max_ms: 0 },
  verify_ms: 400,
});
/** Things that go on side by side, and programs of each. */
const LANES = 3;
const OF_EACH = 3;
export const TARGETS = Array.from({ length: LANES * OF_EACH }, (_, at) => `program:round-${at}`);
const ANSWER_MS = 1_500;
/** Work in the hands of a server that was killed is taken up by another one after 30 s. */
const LAST_ANSWER_MS = 60_000;
/** For a program that waits for a person. */
const HELD_MS = 100;
/** Time mends these: the server that was asked is down, or has just come back with another token. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "PRUNELLA_SERVER_NOT_FOUND",
  "PRUNELLA_SIGN_IN_REQUIRED",
  "PRUNELLA_INTERNAL",
  "PRUNELLA_INGEST_BUSY",
  "PRUNELLA_DATABASE_UNREACHABLE",
]);
const TRIES = 1_000;

interface Program {
  readonly name: string;
  /** Null: it announces itself before it crashes. */
  runId: string | null;
  seen: string | null;
  isDown: boolean;
}

/**
 * Random rounds over both servers: programs crash and are restarted, people decide, the kill switch is
 * turned, servers are killed and come back, the database ends its connections. Whatever is done once is asked of both servers at the same
 * time, and may succeed once.
 */
export async function runRounds(given: {
  servers: Servers;
  databaseUrl: string;
  rounds: number;
  /** Each lane draws its choices from it; in which order they meet is up to the machine. */
  seed: number;
  /** How likely a round is to kill a server. */
  killing: number;
  say?: (line: string) => void;
}): Promise<RoundsReport> {
  const { a, b } = given.servers.members;
  const acknowledged = new Set<string>();
  const effects: string[] = [];
  const violations: string[] = [];
  const counts = { decided: 0, kills: 0, cuts: 0, late: 0 };
  const programs = TARGETS.map((target): Program => {
    return { name: target.replace("program:", ""), runId: null, seen: null, isDown: false };
  });
  let isKilled = false;
  let comingBack: Promise<unknown> = Promise.resolve();

  const pick = <T>(random: () => number, from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const living = (): Member[] => [a, b].filter(({ server }) => server !== null);

  /** Asks any server that lives until one answers. */
  async function insist<T>(random: () => number, ask: (port: SupervisorPort) => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries += 1) {
      try {
        const member = pick(random, living());
        if (member === undefined) throw new PrunellaError("PRUNELLA_SERVER_NOT_FOUND");
        return await ask(member.port);
      } catch (error) {
        if (!(error instanceof PrunellaError) || !PASSING.has(error.code) || tries >= TRIES) throw error;
        await pause(20);
      }
    }
  }

  /** The same of both servers at once; what came of each. */
  const both = <T>(ask: (member: Member) => Promise<T>) => Promise.allSettled(living().map(ask));

  async function crash(random: () => number, program: Program): Promise<void> {
    program.runId ??= (
      await insist(random, (port) =>
        port.announce({ name: program.name, project: "default", pid: null, policy: POLICY }),
      )
    ).runId;
    const { runId } = program;
    const body = crashNow();
    await insist(random, (port) => port.crash(runId, body));
    acknowledged.add(body.event_id);
    program.isDown = true;
  }

  async function answer(random: () => number, program: Program): Promise<void> {
    const { runId } = program;
    if (runId === null) return;
    const told = await within(
      program.seen === null ? ANSWER_MS : HELD_MS,
      insist(random, (port) => port.next(runId, program.seen)),
    );
    if (told === null) counts.late += program.seen === null ? 1 : 0;
    else if (told.kind === "hold") program.seen = told.attempt_id;
    else if (told.kind === "stopped" || told.kind === "over")
      Object.assign(program, { runId: null, seen: null, isDown: false });
    else if (told.kind === "restart") await restart(random, program, told);
  }

  async function restart(
    random: () => number,
    program: Program,
    told: Extract<Instruction, { kind: "restart" }>,
  ): Promise<void> {
    const redeemed = await both(({ port }) => port.redeem(told.permit_id, told.fence));
    const times = redeemed.filter(({ status }) => status === "fulfilled").length;
    if (times > 1) violations.push(`the permit of ${told.attempt_id} was redeemed ${times} times`);
    for (let time = 0; time < times; time += 1) effects.push(told.attempt_id);
    const state = times > 0 ? "succeeded" : "failed";
    const isTaken = await insist(random, (port) => port.outcome(told.attempt_id, told.fence, state, null)).then(
      () => true,
      // It was taken before, and the answer got lost.
      (error: unknown) => error instanceof PrunellaError && error.code === "PRUNELLA_CONFLICT",
    );
    if (state === "succeeded" && isTaken) Object.assign(program, { seen: null, isDown: false });
  }

  async function operator(member: Member, path: string, body?: unknown): Promise<{ status: number; value: unknown }> {
    const { server } = member;
    if (server === null) throw new PrunellaError("PRUNELLA_SERVER_NOT_FOUND");
    const response = await fetch(new URL(path, server.url), {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    return { status: response.status, value: await response.json() };
  }

  async function decide(random: () => number): Promise<void> {
    const member = pick(random, living());
    const page = member === undefined ? null : await operator(member, "/v1/escalations").catch(() => null);
    const open = field(page?.value, "escalations");
    const question = Array.isArray(open)
      ? pick(
          random,
          open.filter((one) => field(one, "asker") === "restart"),
        )
      : undefined;
    const id = field(question, "id");
    if (typeof id !== "string") return;
    const decision = random() < 0.8 ? "restart_once" : "leave_stopped";
    const answers = await both((one) => operator(one, `/v1/escalations/${id}/decide`, { decision }));
    const taken = answers.filter((one) => one.status === "fulfilled" && one.value.status === 200).length;
    counts.decided += taken;
    if (taken > 1) violations.push(`the escalation ${id} was decided ${taken} times`);
  }

  async function turnSwitch(random: () => number): Promise<void> {
    const member = pick(random, living());
    if (member === undefined) return;
    const on = !isKilled;
    const { status } = await operator(member, on ? "/v1/kill" : "/v1/unkill", {}).catch(() => ({ status: 0 }));
    // Cut off by a kill, it may have been turned all the same; then the next round turns it again.
    if (status === 200) isKilled = on;
  }

  /** In the middle of whatever is under way; it is back a moment later. */
  async function killOne(random: () => number): Promise<void> {
    const member = living().length === 2 ? pick(random, [a, b]) : undefined;
    if (member === undefined) return;
    counts.kills += 1;
    const wait = random() * 800;
    await member.kill();
    comingBack = pause(wait).then(() => startAgain(member));
  }

  /** What is down at the end is to be restarted, was left so by somebody, or somebody is asked about it. */
  async function assertAnswered(random: () => number, { name, runId, isDown }: Program): Promise<void> {
    if (!isDown || runId === null) return;
    const until = Date.now() + LAST_ANSWER_MS;
    let told: Instruction | null = null;
    for (; Date.now() < until; await pause(200)) {
      told = await within(
        ANSWER_MS,
        insist(random, (port) => port.next(runId, null)),
      ).catch(() => null);
      if (told?.kind === "restart" || told?.kind === "stopped" || told?.kind === "over") return;
      if (told?.kind === "hold" && told.escalation_id !== null) return;
    }
    const page = await operator(a, "/v1/attempts?limit=200").catch(() => null);
    const attempts = field(page?.value, "attempts");
    const own = (Array.isArray(attempts) ? attempts : []).filter((one) => field(one, "target") === `program:${name}`);
    const why = own
      .slice(0, 5)
      .map((one) =>
        ["subject", "trigger_id", "state", "refusal", "created_at", "ended_at"].map((what) => field(one, what)),
      );
    violations.push(`${name} is down, and nobody was asked; told ${JSON.stringify(told)}; ${JSON.stringify(why)}`);
  }

  /** As when the database restarts: every connection of every server is gone, whatever it was doing. */
  async function cutAll(): Promise<void> {
    counts.cuts += 1;
    const client = new pg.Client({ connectionString: given.databaseUrl });
    // Another lane may do the same, and end this one.
    client.on("error", () => undefined);
    await client
      .connect()
      .then(() =>
        client.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
        ),
      )
      .catch(() => undefined);
    await client.end();
  }

  /** As whatever looks after services does: the database may go away while a server starts, which is no defect of it. */
  async function startAgain(member: Member): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await member.start();
        return;
      } catch (error) {
        if (!/database cannot be reached|connection/i.test(String(error)) || tries === 5) throw error;
      }
    }
  }

  async function round(random: () => number, own: readonly Program[]): Promise<void> {
    const program = pick(random, own);
    const kind = random();
    const isKilling = random() < given.killing;
    const killing = pause(isKilling ? random() * 60 : 0).then(() => (isKilling ? killOne(random) : undefined));
    if (program === undefined) return;
    if (kind > 0.98) await cutAll();
    if (isKilled || kind < 0.03) await turnSwitch(random);
    else if (kind < 0.25) await decide(random);
    else {
      if (!program.isDown) await crash(random, program);
      await answer(random, program).catch((error: unknown) => {
        // A run that was given up meanwhile announces itself anew.
        if (!(error instanceof PrunellaError) || error.code !== "PRUNELLA_NOT_FOUND") throw error;
        Object.assign(program, { runId: null, seen: null, isDown: false });
      });
    }
    await killing;
  }

  let done = 0;
  async function lane(number: number): Promise<void> {
    const random = createSeeded(given.seed + number);
    const own = programs.filter((_, at) => at % LANES === number);
    while (done < given.rounds) {
      done += 1;
      if (done % 50 === 0)
        given.say?.(
          `round ${done}: ${acknowledged.size} crashes, ${effects.length} effects, ${counts.decided} decisions, ${counts.kills} kills, ${counts.late} late`,
        );
      await round(random, own);
    }
  }

  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  await comingBack;
  const random = createSeeded(given.seed + LANES);
  await operator(a, "/v1/unkill", {});
  await Promise.all(programs.map((program) => assertAnswered(random, program)));
  // A clean end: nobody is left who would be asked for.
  for (const { runId } of programs)
    if (runId !== null) await insist(random, (port) => port.end(runId)).catch(() => undefined);
  return { acknowledged, effects, ...counts, violations };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function within<T>(ms: number, promise: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(null), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
