import { RestartPolicy } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, openKernel, testClock, timePasses } from "../../../../test/kernel-fixture.ts";
import { beginLedger, verifyRows } from "../../../../test/ledger-rows.ts";
import type { Channel } from "../store/engine.ts";
import { createWriter } from "../store/writer.ts";
import { dropLease, takeLease } from "./lease.ts";
import { BEAT_MS } from "./node.ts";

const POLICY = RestartPolicy.parse({
  budget: { max: 2, window_ms: 60_000 },
  backoff: { base_ms: 0, max_ms: 0 },
  verify_ms: 1_000,
});

// An embedded database has one owner.
const SHARED = ENGINES.filter(({ name }) => name === "postgres");

describe.each(SHARED)("two servers on one $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin() {
    const store = await open();
    const clock = testClock();
    const a = await openKernel(store.engine, clock, 5_000, undefined, undefined, { place: "a" });
    clock.advance(5);
    const b = await openKernel(await store.again(), clock, 5_000, undefined, undefined, { place: "b" });
    const { runId } = await a.supervised.announce({ projectId: "default", name: "shop", pid: 1, policy: POLICY });
    const hearing = async () =>
      (
        await store.engine.reader
          .selectFrom("node")
          .select(({ fn }) => fn.min("heard_at").as("at"))
          .executeTakeFirst()
      )?.at ?? 0;
    return {
      store,
      clock,
      a,
      b,
      runId,
      crash: async () => {
        await a.supervised.crash(runId, (target) => aCrash(target));
        await a.settle();
      },
      restart: async () => {
        const told = await a.supervised.next(runId, null);
        if (told.kind !== "restart") throw new Error(`not to be restarted but ${told.kind}`);
        await a.redeemer(told.permit_id, told.fence);
        await a.supervised.outcome(told.attempt_id, told.fence, "succeeded", 2);
        return told;
      },
      /** Minutes in which both servers say that they live, as often as they do. */
      async pass(minutes: number) {
        for (let at = 0; at < minutes * 6; at += 1) {
          clock.advance(10_000);
          await Promise.all([a.settle(), b.settle()]);
          // A server whose word comes late would look dead.
          await expect.poll(hearing, { timeout: 10_000, interval: 10 }).toBeGreaterThan(clock.now() - BEAT_MS);
        }
      },
      async [Symbol.asyncDispose]() {
        await a.close();
        await b.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  test("a decision on one restarts what the other hears", async () => {
    await using all = await begin();
    for (let at = 0; at < 2; at += 1) {
      await all.crash();
      await all.restart();
    }
    await all.crash();
    const [question] = (await all.b.escalations.list("open")).escalations;
    expect(question).toMatchObject({ reason: "budget_exhausted" });
    all.clock.advance(5);
    expect(await all.b.escalations.decide(question?.id ?? "", "restart_once")).toMatchObject({ verdict: "permitted" });
    expect((await all.restart()).subject).toEqual({ kind: "person", id: "operator" });
    expect(await verifyRows(all.store.engine)).toEqual([]);
  });

  test("a program that one hears is not gone because the other has not", async () => {
    await using all = await begin();
    await all.crash();
    for (let minute = 0; minute < 8; minute += 1) {
      // Its supervisor goes on asking one server only.
      let isAnswered = false;
      const asking = all.a.supervised.next(all.runId, null).finally(() => (isAnswered = true));
      while (!isAnswered) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        all.clock.advance(60_000);
        await Promise.race([asking, new Promise((resolve) => setTimeout(resolve, 1_000))]);
      }
      await asking;
      await all.b.settle();
    }
    expect((await all.b.supervised.list())[0]?.state).not.toBe("gone");
  });

  test("a program that runs quietly for long is not gone, whoever tidies up", async () => {
    await using all = await begin();
    await all.pass(6);
    expect((await all.b.supervised.list())[0]?.state).toBe("running");
    // And its next crash is answered as if nothing had been.
    await all.crash();
    expect((await all.restart()).subject).toEqual({ kind: "trigger", id: "restart-shop" });
  });

  test("a program that is down, and whose supervisor nobody hears any more, is gone", async () => {
    await using all = await begin();
    await all.crash();
    await all.pass(7);
    await expect.poll(() => all.b.supervised.list(), { timeout: 10_000 }).toEqual([]);
  });

  test("whoever starts leaves alone what a living one carries out", async () => {
    await using all = await begin();
    await all.crash();
    const told = await all.a.supervised.next(all.runId, null);
    if (told.kind !== "restart") throw new Error("no permit was granted");
    await all.a.redeemer(told.permit_id, told.fence);
    const third = await openKernel(await all.store.again(), all.clock, 5_000, undefined, undefined, { place: "c" });
    expect((await third.attempts.list({ limit: 1 })).attempts[0]?.state).toBe("running");
    await third.close();
    // The same place again: whoever had it is dead.
    const after = await openKernel(await all.store.again(), all.clock, 5_000, undefined, undefined, { place: "a" });
    expect((await after.attempts.list({ limit: 1 })).attempts[0]?.state).toBe("abandoned");
    await after.close();
  });

  test("what a dead one left is found by the living one", async () => {
    await using all = await begin();
    await all.crash();
    const told = await all.a.supervised.next(all.runId, null);
    if (told.kind !== "restart") throw new Error("no permit was granted");
    await all.a.redeemer(told.permit_id, told.fence);
    await all.a.close();
    for (let at = 0; at < 8; at += 1) {
      all.clock.advance(15_000);
      await all.b.settle();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect((await all.b.attempts.list({ limit: 1 })).attempts[0]?.state).toBe("abandoned");
  });

  test("a trigger that one registers is obeyed by the other at once", async () => {
    await using all = await begin();
    await all.b.settle();
    const { runId } = await all.a.supervised.announce({ projectId: "default", name: "mill", pid: 1, policy: POLICY });
    await all.a.supervised.crash(runId, (target) => aCrash(target));
    await Promise.all([all.a.settle(), all.b.settle()]);
    expect((await all.b.attempts.list({ limit: 1 })).attempts[0]).toMatchObject({
      target: "program:mill",
      state: "permitted",
    });
  });

  test("a long poll on one hears what the other grants", { timeout: 20_000 }, async () => {
    await using all = await begin();
    await all.a.supervised.crash(all.runId, (target) => aCrash(target));
    const waiting = all.a.supervised.next(all.runId, null);
    await all.b.settle();
    // Time hardly passes: what ends the waiting is the notice, which comes when the database hands it on.
    const began = all.clock.now();
    expect(await timePasses(all.clock, 1, waiting)).toMatchObject({ kind: "restart" });
    expect(all.clock.now() - began).toBeLessThan(1_000);
  });

  test("a permit stands although the gate has refused the same target since", async () => {
    await using all = await begin();
    await all.crash();
    all.clock.advance(5);
    // The program's own SDK tells of the crash too.
    await all.b.report("default", [aCrash("shop")]);
    await Promise.all([all.a.settle(), all.b.settle()]);
    const states = (await all.a.attempts.list({ limit: 9 })).attempts.map(({ state }) => state);
    expect(states).toEqual(["refused", "permitted"]);
    await all.restart();
  });

  test("one that cannot start lets go of the line to the others", async () => {
    await using store = await open();
    await beginLedger(store.engine, 1);
    const engine = await store.again();
    const lines = { now: 0 };
    const channel: Channel = {
      send: async () => undefined,
      listen() {
        lines.now += 1;
        return async () => void (lines.now -= 1);
      },
    };
    // The database goes away between opening it and entering this process.
    await engine.writer.selectFrom("node").selectAll().execute();
    await engine.writer.destroy();
    await expect(openKernel({ ...engine, channel }, testClock())).rejects.toThrow();
    expect(lines.now).toBe(0);
  });

  test("a lease has one holder, and passes on when it ends", async () => {
    await using all = await begin();
    const [one, other] = [createWriter(all.store.engine), createWriter(await all.store.again())];
    const take = (writer: typeof one, nodeId: string, now: number) =>
      writer.run((tx) => takeLease(tx, "duty", nodeId, now, 100));
    expect(await take(one, "a", 0)).toBe(true);
    expect(await take(other, "b", 50)).toBe(false);
    expect(await take(one, "a", 60)).toBe(true);
    expect(await take(other, "b", 161)).toBe(true);
    await other.run((tx) => dropLease(tx, "duty", "b"));
    expect(await take(one, "a", 162)).toBe(true);
  });
});
