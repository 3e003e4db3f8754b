import { RestartPolicy, type Event, type Instruction } from "@prunella/contract";
import { Permit } from "@prunella/kernel";
import { aCrash } from "../kernel-fixture.ts";
import { oneAtATime, type Actor, type World } from "./world.ts";

type Told = Extract<Instruction, { kind: "restart" | "start" | "stop" }>;

export const PROGRAMS: Readonly<Record<string, RestartPolicy>> = {
  api: RestartPolicy.parse({
    budget: { max: 2, window_ms: 20_000 },
    backoff: { base_ms: 500, max_ms: 2_000 },
    verify_ms: 3_000,
  }),
  bot: RestartPolicy.parse({
    budget: { max: 2, window_ms: 30_000 },
    backoff: { base_ms: 0, max_ms: 0 },
    debounce: { count: 2, window_ms: 10_000 },
    verify_ms: 1_000,
  }),
};

export const superviseAll = (world: World): Actor[] =>
  Object.entries(PROGRAMS).map(([name, policy]) => {
    world.policies.set(`restart-${name}`, {
      target: `program:${name}`,
      budgets: [{ ...policy.budget, scope: "trigger" }],
      ceilings: [{ scope: "trigger", max: policy.ceiling }],
      debounce: policy.debounce,
    });
    return createSupervisor(world, name, policy);
  });

/**
 * A program and whoever supervises it: announces it, reports its crashes, asks what to do, redeems and
 * reports. It may be deaf, late, say things twice, or end without a word; a new one announces itself then.
 */
function createSupervisor(world: World, name: string, policy: RestartPolicy): Actor {
  const { chance, schedule } = world;
  const target = `program:${name}`;
  let runId: string | null = null;
  let isRunning = false;
  let told: Told | null = null;
  let seen: string | null = null;
  /** A crash that no server has taken yet; it is reported until one has. */
  let unreported: Event | null = null;

  async function announce(): Promise<void> {
    const answer = await world.ask((kernel) =>
      kernel.supervised.announce({ projectId: "default", name, pid: 1, policy }),
    );
    if (answer.kind !== "answer" || world.happens("supervisor_deaf")) return;
    runId = answer.value.runId;
    [isRunning, told, seen, unreported] = [true, null, null, null];
  }

  async function report(run: string, crash: Event): Promise<void> {
    world.events.sent.add(crash.id);
    const answer = await world.ask((kernel) => kernel.supervised.crash(run, () => crash));
    if (answer.kind === "answer") world.events.answered.add(crash.id);
    if (answer.kind === "refused" && chance.is(0.3)) runId = null;
    else if (answer.kind === "answer" && !world.happens("supervisor_twice")) unreported = null;
  }

  async function listen(run: string): Promise<void> {
    const answer = await world.ask((kernel) => kernel.supervised.next(run, seen));
    if (answer.kind !== "answer" || world.happens("supervisor_deaf")) return;
    const instruction = answer.value;
    if (instruction.kind === "over") runId = null;
    else if (instruction.kind === "hold") seen = instruction.attempt_id;
    else if (instruction.kind === "stopped") seen = instruction.seen;
    else if (instruction.kind !== "wait") told = instruction;
  }

  async function carryOut(one: Told): Promise<void> {
    if (world.happens("supervisor_late")) await schedule.turn(world.life, chance.between(1, 70_000));
    const wait = one.not_before - schedule.now();
    if (wait > 0) await schedule.turn(world.life, wait);
    if (world.happens("supervisor_stale")) {
      const stale = await world.ask((kernel) => kernel.redeemer(one.permit_id, one.fence - 1));
      if (stale.kind === "answer") world.violated("a permit was redeemed with another fence than its own");
    }
    told = null;
    const answer = await world.ask((kernel) => kernel.redeemer(one.permit_id, one.fence));
    if (answer.kind !== "answer") return;
    const permit = Permit.use(answer.value);
    // A ticket that comes late is void; whoever holds it knows.
    if (schedule.now() >= permit.expiresAt) return;
    if (world.happens("effect_slow")) await schedule.turn(world.life, chance.between(1, 90_000));
    world.laws.effect(permit.target, permit.attemptId);
    const isDone = !world.happens("effect_failed");
    if (isDone) isRunning = one.kind !== "stop";
    if (world.happens("supervisor_gone")) return void (runId = null);
    const times = world.happens("supervisor_twice") ? 2 : 1;
    for (let at = 0; at < times; at += 1)
      await world.ask((kernel) =>
        kernel.supervised.outcome(one.attempt_id, one.fence, isDone ? "succeeded" : "failed", 2),
      );
  }

  async function next(): Promise<void> {
    if (runId === null) return announce();
    if (unreported) return report(runId, unreported);
    if (told) return carryOut(told);
    if (!isRunning || chance.is(0.15)) return listen(runId);
    if (world.happens("supervisor_gone")) return void (runId = null);
    if (chance.is(0.04)) {
      const run = runId;
      runId = null;
      return void (await world.ask((kernel) => kernel.supervised.end(run)));
    }
    isRunning = false;
    unreported = aCrash(target, { id: world.eventId(), at: schedule.now() });
    return report(runId, unreported);
  }

  return oneAtATime(async () => {
    await next();
    // Mostly it goes on by itself until its program runs again, or it was told to wait.
    for (let at = 0; at < 3 && chance.is(0.8); at += 1) if (runId !== null && (!isRunning || told)) await next();
  });
}
