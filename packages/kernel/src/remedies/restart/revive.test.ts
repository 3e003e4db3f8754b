import { RestartPolicy } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../../test/engines.ts";
import { aCrash, openKernel, testClock } from "../../../../../test/kernel-fixture.ts";

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
});
