import { fork, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate, type Engine } from "@prunella/kernel";
import { openPostgres, systemClock } from "@prunella/server/platform";
import { sql } from "kysely";
import { createSeeded } from "../../crashloop/seeded.ts";
import { openKernel } from "../../kernel-fixture.ts";
import { lampTrigger } from "../../lamp-house.ts";
import { verifyRows } from "../../ledger-rows.ts";
import { auditDatabase } from "../../servers/audit.ts";
import { LAMPS } from "./lamps.ts";

export interface FourReport {
  readonly seed: number;
  readonly deeds: number;
  readonly kills: number;
  readonly events: number;
  readonly effects: number;
  readonly ledger_size: number;
  /** Broken laws; empty is what must be. */
  readonly violations: readonly string[];
}

const PLACES = ["one", "two", "three", "four"] as const;
/** To load the kernel takes most of a process's short life. */
const CACHE = join(import.meta.dirname, "../../../node_modules/.cache/four");
/** One that does not come up, or does nothing any more, is wrong too. */
const SILENT_MS = 60_000;

/**
 * Four processes of the kernel on one PostgreSQL, each with people and machines that speak to it. Every few deeds one
 * of them is killed where it stands, and another takes its place. The laws are held over the ledger, the rows and
 * what was really done, when all have ended. The seed draws who does what; in which order they meet is up to the machine.
 */
export async function runFour(given: {
  databaseUrl: string;
  seed: number;
  deeds: number;
  /** A kill every so many deeds. */
  killEvery: number;
}): Promise<FourReport> {
  const { databaseUrl, seed } = given;
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "prunella-four-"));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const engine = await openPostgres(databaseUrl);
  stack.defer(() => engine.close());
  const key = await begin(engine);

  const random = createSeeded(seed);
  const living = new Map<string, ChildProcess>();
  let [deeds, kills, lives] = [0, 0, 0];
  let moved = Promise.withResolvers<void>();
  const move = () => {
    moved.resolve();
    moved = Promise.withResolvers();
  };
  stack.defer(() => living.forEach((child) => child.kill("SIGKILL")));

  function start(place: string): void {
    lives += 1;
    const args = [databaseUrl, folder, place, String(seed * 1_000 + lives), key];
    const env = { ...process.env, NODE_COMPILE_CACHE: CACHE };
    const child = fork(join(import.meta.dirname, "node.ts"), args, { execArgv: ["--no-warnings"], env });
    living.set(place, child);
    child.on("message", (said) => {
      if (said === "did") deeds += 1;
      move();
    });
    child.on("exit", move);
  }

  /** Until something has happened; throws when nothing does. */
  async function next(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const silent = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("nothing happens any more")), SILENT_MS);
    });
    await Promise.race([moved.promise, silent]).finally(() => clearTimeout(timer));
    for (const [place, child] of living)
      if (child.exitCode !== null) throw new Error(`the process at ${place} ended by itself, code ${child.exitCode}`);
  }

  for (const place of PLACES) start(place);
  while (deeds < given.deeds) {
    await next();
    if (deeds < (kills + 1) * given.killEvery) continue;
    const place = PLACES[Math.floor(random() * PLACES.length)] ?? "one";
    const child = living.get(place);
    living.delete(place);
    kills += 1;
    const gone = child && new Promise((resolve) => child.once("exit", resolve));
    child?.kill("SIGKILL");
    await gone;
    start(place);
  }
  const ended = [...living.values()].map((child) => new Promise((resolve) => child.once("exit", resolve)));
  for (const child of living.values()) child.send("end");
  await Promise.all(ended);
  living.clear();

  const linesOf = (name: string): string[] =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8").split("\n").filter(Boolean) : [];
  const seen = await seenEvents(engine);
  const effects = linesOf("effects");
  const violations = [
    ...linesOf("wrong"),
    ...linesOf("answered").flatMap((id) => (seen.has(id) ? [] : [`the event ${id} was answered and is not there`])),
    ...[...seen].flatMap((id) => (linesOf("sent").includes(id) ? [] : [`the event ${id} is there and was never sent`])),
    ...(await verifyRows(engine)).map(({ what }) => what),
    ...(await auditDatabase({ databaseUrl, acknowledged: seen.size, effects })),
  ];
  const [{ size } = { size: 0 }] = await engine.reader.selectFrom("ledger_head").select("size").execute();
  return { seed, deeds, kills, events: seen.size, effects: effects.length, ledger_size: size, violations };
}

/** A project, a trigger for each lamp with several windows and ceilings, and a caller; the caller's key. */
async function begin(engine: Engine): Promise<string> {
  await migrate(engine);
  await using kernel = await openKernel(engine, systemClock, undefined, 1, undefined, { place: "before" });
  for (const name of LAMPS)
    await kernel.triggers.register(
      lampTrigger(name, {
        debounce: name === "cellar" ? { count: 2, window_ms: 5_000 } : { count: 1, window_ms: 1_000 },
        budgets: [
          { scope: "trigger", max: 2, window_ms: 10_000 },
          { scope: "trigger", max: 3, window_ms: 60_000 },
          { scope: "project", max: 8, window_ms: 30_000 },
        ],
        ceilings: [
          { scope: "trigger", max: 1 },
          { scope: "project", max: 2 },
        ],
        verify_ms: 200,
      }),
    );
  const { key } = await kernel.callers.add({
    id: "agents",
    project_id: "default",
    actions: ["switch_on"],
    targets: LAMPS.map((name) => `lamp:${name}`),
    budgets: [{ scope: "target", max: 3, window_ms: 5_000 }],
    ceilings: [{ scope: "target", max: 1 }],
    expires_at: null,
  });
  return key;
}

async function seenEvents({ reader }: Engine): Promise<Set<string>> {
  const { rows } = await sql<{ event_id: string }>`select encode(event_id, 'hex') as event_id from event_seen`.execute(
    reader,
  );
  return new Set(rows.map(({ event_id: id }) => id));
}
