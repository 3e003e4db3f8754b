import { RestartPolicy, type Trigger } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../../test/engines.ts";
import { aCrash, openKernel, testClock } from "../../../../../test/kernel-fixture.ts";
import { restartTrigger } from "./trigger.ts";

const POLICY = RestartPolicy.parse({ backoff: { base_ms: 0, max_ms: 0 }, verify_ms: 60_000 });

describe.each(ENGINES)("a program that is down is not forgotten, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  /** Permitted once, and refused since because of that permit: the program's own SDK told of the crash too. */
  async function begin() {
    const store = await open();
    const clock = testClock();
    const kernel = await openKernel(store.engine, clock);
    const { runId } = await kernel.supervised.announce({ projectId: "default", name: "shop", pid: 1, policy: POLICY });
    await kernel.supervised.crash(runId, (target) => aCrash(target));
    await kernel.settle();
    clock.advance(5);
    await kernel.report("default", [aCrash("shop")]);
    await kernel.settle();
    const [refused, permitted] = (await kernel.attempts.list({ limit: 2 })).attempts;
    expect([refused?.refusal, permitted?.state]).toEqual(["ceiling_reached", "permitted"]);
    return { store, clock, kernel, runId };
  }

  test("when the kill switch took its permit back, it is judged again when that is off", async () => {
    const { store, clock, kernel, runId } = await begin();
    await kernel.switches.kill(true);
    clock.advance(5);
    await kernel.switches.kill(false);
    await kernel.settle();
    expect(await kernel.supervised.next(runId, null)).toMatchObject({ kind: "restart" });
    await kernel.close();
    await store[Symbol.asyncDispose]();
  });

  test("when the server ended that had begun it, its supervisor's next question asks again", async () => {
    const { store, clock, kernel, runId } = await begin();
    const told = await kernel.supervised.next(runId, null);
    if (told.kind !== "restart") throw new Error(`not to be restarted but ${told.kind}`);
    await kernel.redeemer(told.permit_id, told.fence);
    await kernel.close();
    clock.advance(5);
    // The same data folder again: what was under way is given up.
    const after = await openKernel(store.engine, clock);
    const held = await after.supervised.next(runId, null);
    await after.settle();
    const seen = held.kind === "hold" ? held.attempt_id : null;
    expect(await after.supervised.next(runId, seen)).toMatchObject({ kind: "restart" });
    await after.close();
    await store[Symbol.asyncDispose]();
  });

  describe("beside a second trigger of the same target", () => {
    const second = (change: Partial<Trigger>): Trigger => ({
      ...restartTrigger("default", "shop", POLICY),
      id: "shop-too",
      condition: { target: "program:shop", level: "warning" },
      ...change,
    });

    async function beginWith(trigger: Trigger, policy = POLICY) {
      const store = await open();
      const clock = testClock();
      const kernel = await openKernel(store.engine, clock);
      const { runId } = await kernel.supervised.announce({ projectId: "default", name: "shop", pid: 1, policy });
      await kernel.supervised.crash(runId, (target) => aCrash(target));
      await kernel.settle();
      await kernel.triggers.register(trigger);
      return { store, clock, kernel, runId };
    }

    test("what its server did not end is asked again, whatever the second was refused since", async () => {
      const trigger = second({});
      const { store, clock, kernel, runId } = await beginWith({
        ...trigger,
        envelope: { ...trigger.envelope, enabled: false },
      });
      const told = await kernel.supervised.next(runId, null);
      if (told.kind !== "restart") throw new Error(`not to be restarted but ${told.kind}`);
      await kernel.redeemer(told.permit_id, told.fence);
      clock.advance(5);
      await kernel.report("default", [aCrash("shop")]);
      await kernel.settle();
      const refusals = (await kernel.attempts.list({ limit: 9 })).attempts.map(({ refusal }) => refusal);
      expect(refusals).toContain("envelope_disabled");
      await kernel.close();
      clock.advance(5);
      const after = await openKernel(store.engine, clock);
      const held = await after.supervised.next(runId, null);
      await after.settle();
      const seen = held.kind === "hold" ? held.attempt_id : null;
      expect(await after.supervised.next(runId, seen)).toMatchObject({ kind: "restart" });
      await after.close();
      await store[Symbol.asyncDispose]();
    });

    test("an open question is named with the refusal that asked it, whatever came after", async () => {
      const policy = RestartPolicy.parse({ ...POLICY, budget: { max: 0, window_ms: 60_000 } });
      const trigger = second({ budgets: [{ scope: "trigger", max: 9, window_ms: 60_000 }] });
      const { store, clock, kernel, runId } = await beginWith(
        { ...trigger, envelope: { ...trigger.envelope, enabled: false } },
        policy,
      );
      clock.advance(5);
      await kernel.report("default", [{ ...aCrash("shop"), level: "warning" }]);
      await kernel.settle();
      const [question] = (await kernel.escalations.list("open")).escalations;
      expect(question?.reason).toBe("budget_exhausted");
      const told = await kernel.supervised.next(runId, null);
      expect(told).toMatchObject({
        kind: "hold",
        refusal: "budget_exhausted",
        escalation_id: question?.id,
      });
      await kernel.close();
      await store[Symbol.asyncDispose]();
    });
  });
});
