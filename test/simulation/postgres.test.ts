import { RestartPolicy, type LedgerEntry } from "@prunella/contract";
import { decodeEntry, readEntries, readHead, type Engine, type Kernel } from "@prunella/kernel";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../engines.ts";
import { aCrash, openKernel, testClock } from "../kernel-fixture.ts";
import { verifyRows } from "../ledger-rows.ts";

const BUDGET = { max: 3, window_ms: 20_000 };
const POLICY = RestartPolicy.parse({
  budget: BUDGET,
  ceiling: 1,
  backoff: { base_ms: 500, max_ms: 2_000 },
  verify_ms: 3_000,
});
const TARGETS = ["api", "bot"] as const;

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("crash" as const), target: fc.constantFrom(...TARGETS) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("restart" as const),
      target: fc.constantFrom(...TARGETS),
      fails: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("redeem" as const), target: fc.constantFrom(...TARGETS) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 30_000 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("decide" as const),
      decision: fc.constantFrom("restart_once" as const, "leave_stopped" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const), on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("outsider" as const), target: fc.constantFrom(...TARGETS) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("announce" as const), target: fc.constantFrom(...TARGETS) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Plays a history against a kernel and gives back what the ledger says of it. */
async function play(engine: Engine, steps: readonly Step[]): Promise<LedgerEntry[]> {
  const clock = testClock();
  await using kernel = await openKernel(engine, clock, 5_000, 1);
  const runs = new Map<string, string>();
  const announce = async (target: string) => {
    const { runId } = await kernel.supervised.announce({
      projectId: "default",
      name: target,
      pid: null,
      policy: POLICY,
    });
    runs.set(target, runId);
  };
  for (const target of TARGETS) await announce(target);
  for (const [at, one] of steps.entries()) {
    // Whatever is refused on the way is refused for a reason; the laws are judged afterwards.
    await act(kernel, clock, runs, announce, one, at).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error)) throw error;
    });
    await kernel.settle();
  }
  const { size } = await readHead(engine.reader);
  return (await readEntries(engine.reader, 0, size)).map((row) => {
    const decoded = decodeEntry(Buffer.from(row.entry));
    if (decoded.kind !== "entry") throw new Error(decoded.what);
    return decoded.entry;
  });
}

async function act(
  kernel: Kernel,
  clock: ReturnType<typeof testClock>,
  runs: Map<string, string>,
  announce: (target: string) => Promise<void>,
  one: Step,
  at: number,
): Promise<void> {
  const event = (target: string) => aCrash(target, { id: at.toString(16).padStart(32, "0"), at: clock.now() });
  switch (one.do) {
    case "crash":
      return kernel.supervised.crash(runs.get(one.target) ?? "", event);
    case "outsider":
      return kernel.report("default", [{ ...event(one.target), source: "sentry", trust: "public" }]);
    case "wait":
      return clock.advance(one.ms);
    case "announce":
      return announce(one.target);
    case "kill":
      return void (await kernel.switches.kill(one.on));
    case "decide": {
      const [open] = (await kernel.escalations.list("open")).escalations;
      return open ? void (await kernel.escalations.decide(open.id, one.decision)) : undefined;
    }
    default: {
      const attempts = (await kernel.attempts.list({ limit: 20 })).attempts;
      const run = (await kernel.supervised.list()).find((row) => row.run_id === runs.get(one.target));
      if (run?.state !== "waiting") return undefined; // a supervisor whose program runs asks for nothing
      const mine = attempts.find(
        (attempt) => attempt.target === `program:${one.target}` && attempt.state === "permitted",
      );
      if (!mine) return undefined;
      const instruction = await kernel.supervised.next(runs.get(one.target) ?? "", null);
      if (instruction.kind !== "restart") return undefined;
      if (one.do === "restart") clock.advance(Math.max(0, instruction.not_before - clock.now()));
      await kernel.redeemer(instruction.permit_id, instruction.fence);
      if (one.do === "restart")
        await kernel.supervised.outcome(
          instruction.attempt_id,
          instruction.fence,
          one.fails ? "failed" : "succeeded",
          null,
        );
      return undefined;
    }
  }
}

function assertBudget(entries: readonly LedgerEntry[]): void {
  const starts = Map.groupBy(
    entries.filter((entry) => entry.type === "attempt_intent").filter((entry) => entry.subject.kind === "trigger"),
    (entry) => entry.trigger,
  );
  for (const intents of starts.values()) {
    for (const first of intents) {
      const inWindow = intents.filter((entry) => entry.at >= first.at && entry.at < first.at + BUDGET.window_ms);
      expect(inWindow.length).toBeLessThanOrEqual(BUDGET.max);
    }
  }
}

// The seeds of `simulation.test.ts` run on a database in memory; this is the same on one that is real.
describe.each(ENGINES.filter(({ name }) => name === "postgres"))("any history on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);
  const numRuns = 8;

  test(
    "keeps the laws: intent before effect, ceiling at every prefix, budget in every window",
    { timeout: 120_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
          await using store = await open();
          const entries = await play(store.engine, steps);
          expect(await verifyRows(store.engine)).toEqual([]);
          assertBudget(entries);
          const open_ = await store.engine.reader
            .selectFrom("escalation_attempts")
            .selectAll()
            .where("status", "=", "open")
            .execute();
          expect(new Set(open_.map((row) => row.target)).size).toBe(open_.length);
        }),
        { numRuns },
      );
    },
  );

  test("gives the same decisions for the same history", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        await using one = await open();
        await using other = await open();
        expect(await play(one.engine, steps)).toEqual(await play(other.engine, steps));
      }),
      { numRuns: Math.ceil(numRuns / 3) },
    );
  });
});
