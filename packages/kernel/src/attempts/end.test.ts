import { RestartPolicy } from "@prunella/contract";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { createWriter } from "../store/writer.ts";
import { endAttempt, endWatch } from "./end.ts";
import { restartTrigger } from "../remedies/restart/trigger.ts";
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

describe.each(ENGINES)("on $name", ({ open, isMissing }) => {
  it.skipIf(isMissing)("what is under way has no end, and nothing else has none", async () => {
    await using store = await open();
    const clock = testClock();
    const kernel = await openKernel(store.engine, clock);
    const policy = RestartPolicy.parse({ ...POLICY, budget: { max: 2, window_ms: 600_000 } });
    const { runId } = await kernel.supervised.announce({ projectId: "default", name: "shop", pid: 1, policy });
    const seen: string[] = [];
    /** The newest attempt, and every attempt whose state says otherwise than its end and its refusal. */
    const look = async () => {
      const { rows } = await sql<{ state: string; is_odd: number }>`select state, case when
        (ended_at is null) <> (state in ('permitted', 'running')) or (refusal is not null) <> (state = 'refused') then 1 else 0 end as is_odd
        from self_heal_attempts order by created_at desc, attempt_id desc`.execute(store.engine.reader);
      expect(rows.filter((row) => Number(row.is_odd) === 1)).toEqual([]);
      seen.push(rows[0]?.state ?? "none");
    };
    const crash = async () => {
      await kernel.supervised.crash(runId, (target) => aCrash(target));
      await kernel.settle();
      await look();
      return kernel.supervised.next(runId, null);
    };
    for (const state of ["succeeded", "failed"] as const) {
      const told = await crash();
      if (told.kind !== "restart") throw new Error(`not to be restarted but ${told.kind}`);
      clock.advance(1);
      await kernel.redeemer(told.permit_id, told.fence);
      await look();
      await kernel.supervised.outcome(told.attempt_id, told.fence, state, 2);
      await look();
      clock.advance(1_000);
    }
    await crash();
    expect(seen).toEqual(["permitted", "running", "succeeded", "permitted", "running", "failed", "refused"]);
    await kernel.close();
  });

  it.skipIf(isMissing)("a permit that another trigger's overtook asks nobody when its time is over", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const { runId } = await kernel.supervised.announce({ projectId: "default", name: "shop", pid: 1, policy: POLICY });
    await kernel.triggers.register({ ...restartTrigger("default", "shop", POLICY), id: "second" });
    await kernel.supervised.crash(runId, (target) => aCrash(target));
    await kernel.settle();
    const told = await kernel.supervised.next(runId, null);
    if (told.kind !== "restart") throw new Error(`not to be restarted but ${told.kind}`);
    await kernel.redeemer(told.permit_id, told.fence);
    await kernel.supervised.outcome(told.attempt_id, told.fence, "succeeded", 2);
    clock.advance(200_000);
    await kernel.settle();
    const { attempts } = await kernel.attempts.list({ limit: 5 });
    expect(attempts.map(({ state, verification }) => `${state} ${verification}`).toSorted()).toEqual([
      "expired null",
      "succeeded held",
    ]);
    expect((await kernel.escalations.list("open")).escalations).toEqual([]);
  });
});
