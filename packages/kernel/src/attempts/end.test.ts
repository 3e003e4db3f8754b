import { RestartPolicy } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { createWriter } from "../store/writer.ts";
import { endAttempt, endWatch } from "./end.ts";
import type { AttemptRow } from "./row.ts";

const POLICY = RestartPolicy.parse({ backoff: { base_ms: 0, max_ms: 0 }, verify_ms: 60_000 });

// An embedded database has one owner.
const SHARED = ENGINES.filter(({ name }) => name === "postgres");

/** Two units read one row; the first one writes, and commits while the second one waits to write. */
async function raced(
  engines: readonly [Engine, Engine],
  end: (tx: Tx, row: AttemptRow) => Promise<boolean>,
): Promise<readonly boolean[]> {
  const [one, other] = [createWriter(engines[0]), createWriter(engines[1])];
  const read = (tx: Tx) => tx.db.selectFrom("self_heal_attempts").selectAll().executeTakeFirstOrThrow();
  const bothRead = Promise.withResolvers<void>();
  const first = one.run(async (tx) => {
    const row = await read(tx);
    await bothRead.promise;
    return end(tx, row);
  });
  const second = other.run(async (tx) => {
    const row = await read(tx);
    bothRead.resolve();
    // The first one has the row by then, and this one waits for its commit.
    await new Promise((resolve) => setTimeout(resolve, 200));
    return end(tx, row);
  });
  const ended = await Promise.all([first, second]);
  await Promise.all([one.close(), other.close()]);
  return ended;
}

describe.each(SHARED)("what two servers on one $name end at the same time", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin() {
    const store = await open();
    const clock = testClock();
    const kernel = await openKernel(store.engine, clock);
    const { runId } = await kernel.supervised.announce({ projectId: "default", name: "shop", pid: 1, policy: POLICY });
    await kernel.supervised.crash(runId, (target) => aCrash(target));
    await kernel.settle();
    const told = await kernel.supervised.next(runId, null);
    if (told.kind !== "restart") throw new Error(`not to be restarted but ${told.kind}`);
    await kernel.redeemer(told.permit_id, told.fence);
    return { store, clock, kernel, told, engines: [store.engine, await store.again()] as const };
  }

  test("an attempt ends once", async () => {
    const { store, clock, kernel, engines } = await begin();
    expect(await raced(engines, (tx, row) => endAttempt(tx, clock.now(), row, "abandoned"))).toEqual([true, false]);
    expect(await verifyRows(store.engine)).toEqual([]);
    await kernel.close();
    await store[Symbol.asyncDispose]();
  });

  test("a quiet watch ends once", async () => {
    const { store, clock, kernel, told, engines } = await begin();
    await kernel.supervised.outcome(told.attempt_id, told.fence, "succeeded", 2);
    expect(await raced(engines, (tx, row) => endWatch(tx, clock.now(), row, "ineffective"))).toEqual([true, false]);
    expect(await verifyRows(store.engine)).toEqual([]);
    await kernel.close();
    await store[Symbol.asyncDispose]();
  });
});
