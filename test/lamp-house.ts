import { AT_ALL_TIMES, type Trigger } from "@prunella/contract";
import type { Engine, KernelDeps, Remedy } from "@prunella/kernel";
import { createLamps } from "../packages/kernel/src/remedies/lamp-fixture.ts";
import { aCrash, openKernel, testClock } from "./kernel-fixture.ts";

const HOUR = 3_600_000;

/** Three an hour, one at a time, nothing else in the way. */
export const lampTrigger = (name: string, given: Partial<Trigger> = {}): Trigger => ({
  ...AT_ALL_TIMES,
  id: `light-${name}`,
  project_id: "default",
  condition: { target: `lamp:${name}`, level: "error" },
  target: null,
  remedies: [{ action: "switch_on", args: {}, timeout_ms: 60_000 }],
  debounce: { count: 1, window_ms: 60_000 },
  budgets: [{ scope: "trigger", max: 3, window_ms: HOUR }],
  ceilings: [{ scope: "trigger", max: 1 }],
  backoff: { base_ms: 0, max_ms: 0 },
  verify_ms: 1_000,
  envelope: {
    enabled: true,
    actions: ["switch_on"],
    targets: [`lamp:${name}`],
    expected_symptoms: [],
    allow_public: false,
    excludes: [],
  },
  version: 1,
  ...given,
});

export interface HouseGiven {
  readonly names?: readonly string[];
  readonly trigger?: Partial<Trigger>;
  readonly clock?: ReturnType<typeof testClock>;
  readonly lamps?: ReturnType<typeof createLamps>;
  /** Comes between the gate's screening and its unit: what it reads there has to be fresh. */
  readonly whileLooking?: () => Promise<void>;
  readonly deps?: Partial<KernelDeps>;
  readonly seed?: number;
}

/** A kernel and lamps that it may switch on by policy, each with a trigger of its own. */
export async function openLampHouse(engine: Engine, given: HouseGiven = {}) {
  const { names = ["hall"], clock = testClock(), lamps = createLamps() } = given;
  let looking = given.whileLooking;
  const remedy: Remedy = {
    ...lamps.remedy,
    async observe(...asked) {
      const seen = await lamps.remedy.observe(...asked);
      const now = looking;
      looking = undefined;
      await now?.();
      return seen;
    },
  };
  const kernel = await openKernel(engine, clock, 5_000, given.seed, undefined, { ...given.deps, remedies: [remedy] });
  for (const name of names) {
    lamps.add(name);
    await kernel.triggers.register(lampTrigger(name, given.trigger));
  }
  const newest = async () => (await kernel.attempts.list({ limit: 1 })).attempts[0];
  return {
    kernel,
    clock,
    lamps,
    newest,
    /** What people are asked. */
    questions: async () => (await kernel.escalations.list("open")).escalations,
    /** Until nothing is left to do but what a lamp waits for. */
    settle: () => Promise.race([kernel.settle(), lamps.begun()]),
    /** The lamp is switched on, and the quiet watch begins. */
    async light() {
      lamps.release();
      await kernel.settle();
    },
    /** Goes dark and is reported; what the gate said of it. */
    async fail(name = "hall", more: Parameters<typeof aCrash>[1] = {}) {
      lamps.fail(name);
      await kernel.report("default", [
        aCrash(`lamp:${name}`, { source: "probe", level: "error", at: clock.now(), ...more }),
      ]);
      await Promise.race([kernel.settle(), lamps.begun()]);
      return newest();
    },
    [Symbol.asyncDispose]: () => kernel.close(),
  };
}
