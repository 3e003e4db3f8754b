import { RestartPolicy, type Actor } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { lampTrigger } from "../../../../test/lamp-house.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import type { Remedy } from "../gate/remedy.ts";
import { PERMIT_LIFE_MS } from "../gate/work.ts";
import type { Kernel } from "../kernel.ts";
import { createLamps } from "../remedies/lamp-fixture.ts";

const ANNA: Actor = { kind: "person", id: "anna" };
const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

/** What anybody here was permitted, first to last, and what people are asked. */
async function toldOf(kernel: Kernel) {
  const { attempts } = await kernel.attempts.list({ limit: 50 });
  const permitted = attempts.toReversed().filter(({ refusal }) => refusal === null);
  const { escalations } = await kernel.escalations.list("all");
  return [permitted.map(({ subject, state }) => `${subject.kind} ${state}`), escalations.map(({ reason }) => reason)];
}

describe.each(ENGINES)("a permit that a caller's from outside has outrun, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  /** Something that is down and that nobody carries anything out for, and a caller who may ask for the same. */
  async function begin(target: string, action: string, remedies: Remedy[] = []) {
    const store = await open();
    const clock = testClock();
    const kernel = await openKernel(store.engine, clock, undefined, undefined, undefined, { remedies });
    const budgets = [{ scope: "target" as const, max: 9, window_ms: HOUR }];
    const ceilings = [{ scope: "target" as const, max: 2 }];
    const grant = { id: "agents", project_id: "default", actions: [action], targets: [target], budgets, ceilings };
    const { key } = await kernel.callers.add({ ...grant, expires_at: null });
    return {
      store,
      clock,
      kernel,
      told: () => toldOf(kernel),
      async callerAsks() {
        expect(await kernel.callers.ask(key, { action, target, args: {} })).toMatchObject({ kind: "permitted" });
        await kernel.settle();
      },
      async later(ms: number) {
        clock.advance(ms);
        await kernel.settle();
      },
      /** Somebody works on it, from now on or from a later moment. */
      maintain(inMs: number, forMs: number) {
        const [from = "", to = ""] = [inMs, inMs + forMs].map((ms) => new Date(clock.now() + ms).toISOString());
        return kernel.maintenance.add({ projectId: null, target: null, window: { from, to }, reason: "cables" }, ANNA);
      },
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  /** Its executor is outside, and away. */
  async function beginLamp() {
    const lamps = createLamps();
    const all = await begin("lamp:hall", "switch_on", [{ ...lamps.remedy, act: null }]);
    lamps.add("hall");
    lamps.fail("hall");
    await all.kernel.triggers.register(lampTrigger("hall"));
    await all.kernel.report("default", [aCrash("lamp:hall", { source: "probe", level: "error", at: all.clock.now() })]);
    await all.kernel.settle();
    return all;
  }

  /** It was restarted once, so that the second permit waits for a minute and has another one then. */
  async function beginProgram() {
    const all = await begin("program:shop", "restart");
    const { kernel, clock } = all;
    const backoff = { base_ms: MINUTE, max_ms: MINUTE };
    const policy = RestartPolicy.parse({ budget: { max: 9, window_ms: HOUR }, ceiling: 1, backoff });
    const { runId } = await kernel.supervised.announce({ projectId: "default", name: "shop", pid: 1, policy });
    const crash = async () => {
      await kernel.supervised.crash(runId, (target) => aCrash(target, { at: clock.now() }));
      await kernel.settle();
    };
    await crash();
    const first = await kernel.supervised.next(runId, null);
    if (first.kind !== "restart") throw new Error(`told to ${first.kind}`);
    await kernel.redeemer(first.permit_id, first.fence);
    await kernel.supervised.outcome(first.attempt_id, first.fence, "succeeded", 2);
    await kernel.settle();
    await crash();
    return all;
  }

  test("is asked for again when the caller's is taken back, for the caller may never come again", async () => {
    await using all = await beginLamp();
    await all.later(PERMIT_LIFE_MS - SECOND);
    await all.callerAsks();
    await all.later(SECOND);
    // The caller's is on its way, so nobody is asked.
    expect(await all.told()).toEqual([["trigger expired", "grant permitted"], []]);
    const { id } = await all.kernel.pauses.add(
      { projectId: "default", triggerId: null, reason: "deploy", until: null },
      ANNA,
    );
    await all.later(SECOND);
    await all.kernel.pauses.lift(id, ANNA);
    await all.kernel.settle();
    expect(await all.told()).toEqual([["trigger expired", "grant expired", "trigger permitted"], []]);
    expect(await verifyRows(all.store.engine)).toEqual([]);
  });

  test("is asked for again when the caller's runs out within a window", async () => {
    await using all = await beginLamp();
    await all.maintain(PERMIT_LIFE_MS + SECOND, PERMIT_LIFE_MS);
    await all.later(PERMIT_LIFE_MS - SECOND);
    await all.callerAsks();
    await all.later(SECOND);
    await all.later(PERMIT_LIFE_MS);
    expect(await all.told()).toEqual([["trigger expired", "grant expired"], []]);
    await all.later(MINUTE);
    expect(await all.told()).toEqual([["trigger expired", "grant expired", "trigger permitted"], []]);
  });

  test("is told to a person at its end, where the caller's came to nothing before that and nobody heard of it", async () => {
    await using all = await beginProgram();
    await all.maintain(PERMIT_LIFE_MS - SECOND, 2 * SECOND);
    await all.callerAsks();
    await all.later(PERMIT_LIFE_MS);
    expect(await all.told()).toEqual([["trigger succeeded", "trigger permitted", "grant expired"], []]);
    await all.later(PERMIT_LIFE_MS);
    expect(await all.told()).toEqual([["trigger succeeded", "trigger expired", "grant expired"], ["ineffective"]]);
  });

  test("asks nobody a second time about what a person was asked when the caller's came to nothing", async () => {
    await using all = await beginProgram();
    await all.callerAsks();
    await all.later(PERMIT_LIFE_MS);
    await all.later(PERMIT_LIFE_MS);
    expect(await all.told()).toEqual([["trigger succeeded", "trigger expired", "grant expired"], ["ineffective"]]);
  });
});
