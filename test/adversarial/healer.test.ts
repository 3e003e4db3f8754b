import { RestartPolicy } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { createHalls } from "../../packages/kernel/src/envelopes/fixing-fixture.ts";
import { LEASE_MS } from "../../packages/kernel/src/work/queue.ts";
import { aCrash, anEvent, openKernel, testClock } from "../kernel-fixture.ts";
import { ENGINES } from "../engines.ts";
import { lampTrigger, openLampHouse } from "../lamp-house.ts";
import { verifyRows } from "../ledger-rows.ts";

const [SECOND, HOUR] = [1_000, 3_600_000];
const PORCH = "lamp:porch";

/** Trust for callers from outside: once an hour, one at a time. */
const aGrant = (id: string) => ({
  id,
  project_id: "default",
  actions: ["switch_on"],
  targets: [PORCH],
  budgets: [{ scope: "target" as const, max: 1, window_ms: HOUR }],
  ceilings: [{ scope: "target" as const, max: 1 }],
  expires_at: null,
});

describe.each(ENGINES)("who attacks the healer, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("REPLAY-SAME: the same failure sent again leads to nothing more, before, while and after it is healed", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine);
    const same = { id: "5a".repeat(16) };
    for (let at = 0; at < 3; at += 1) await house.fail("hall", same);
    await house.light();
    for (let at = 0; at < 3; at += 1) await house.fail("hall", same);
    house.clock.advance(5 * SECOND);
    await house.kernel.settle();
    expect((await house.kernel.attempts.list({ limit: 9 })).attempts).toHaveLength(1);
    expect(house.lamps.switched("hall")).toBe(1);
  });

  test("INJECTION: what looks like a target is another one, and nothing that anyone can send acts on it", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine, { names: ["hall", "cafe"] });
    const { kernel, clock, lamps } = house;
    const { key } = await kernel.callers.add({ ...aGrant("agents"), targets: ["lamp:hall"] });
    lamps.fail("hall");
    lamps.fail("cafe");
    // Another alphabet, the same letter in two, a space that nobody sees, another case, and what a page would show alike.
    const alike = [
      "lamp:h\u0430ll",
      "lamp:cafe\u0301",
      "lamp:ha\u200bll",
      "lamp:hall ",
      "lamp:Hall",
      "lamp:hall\u202e",
    ];
    for (const target of alike) {
      const seen = { source: "probe", trust: "local", level: "error", at: clock.now(), target } as const;
      await kernel.report("default", [anEvent({ ...seen, message: "lamp:hall", tags: { target: "lamp:hall" } })]);
      expect([target, await kernel.callers.ask(key, { action: "switch_on", target, args: {} })]).toMatchObject([
        target,
        { kind: "refused" },
      ]);
    }
    const outside = { source: "sentry", trust: "public", level: "fatal", at: clock.now() } as const;
    await kernel.report("default", [anEvent({ ...outside, target: "lamp:hall" })]);
    await house.settle();
    await house.light();
    expect([lamps.switched("hall"), lamps.switched("cafe")]).toEqual([0, 0]);
    expect(await house.fail("hall")).toMatchObject({ target: "lamp:hall", refusal: null });
    await house.light();
    expect(lamps.switched("hall")).toBe(1);
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("RUNAWAY: a lamp that never stays on costs its budget and one question, however often it goes out", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine, { trigger: { verify_ms: 100 } });
    for (let at = 0; at < 60; at += 1) {
      await house.fail();
      await house.light();
      house.clock.advance(SECOND);
      await house.settle();
    }
    await house.light();
    expect(house.lamps.switched("hall")).toBe(3);
    expect(await house.kernel.escalations.list("open")).toMatchObject({ open: 1 });
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("ADV-C-F2: two agents that ask for the same at the same moment get it once", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine, { names: [] });
    house.lamps.add("porch");
    house.lamps.fail("porch");
    const { key } = await house.kernel.callers.add(aGrant("agents"));
    const asked = Array.from({ length: 4 }, () =>
      house.kernel.callers.ask(key, { action: "switch_on", target: PORCH, args: {} }),
    );
    const verdicts = await Promise.all(asked);
    expect(verdicts.filter(({ kind }) => kind === "permitted")).toHaveLength(1);
    await house.settle();
    await house.light();
    expect(house.lamps.switched("porch")).toBe(1);
  });

  test("ADV-C-F3: two nodes that see one failure at the same moment act once, and share budget and ceiling", async () => {
    await using store = await open();
    const clock = testClock();
    await using one = await openLampHouse(store.engine, { clock, seed: 901 });
    await using two = await openLampHouse(await store.again(), {
      clock,
      lamps: one.lamps,
      names: [],
      seed: 902,
      deps: { place: "another" },
    });
    for (let at = 0; at < 5; at += 1) {
      one.lamps.fail("hall");
      const crash = () => aCrash("lamp:hall", { source: "probe", level: "error", at: clock.now() });
      await Promise.all([one, two].map(({ kernel }) => kernel.report("default", [crash()])));
      for (let turn = 0; turn < 2; turn += 1) for (const node of [one, two]) await node.settle();
      one.lamps.release();
      await Promise.all([one.kernel.settle(), two.kernel.settle()]);
      clock.advance(5 * SECOND);
      await Promise.all([one.kernel.settle(), two.kernel.settle()]);
    }
    const { attempts } = await one.kernel.attempts.list({ limit: 50 });
    expect(attempts.filter(({ refusal }) => refusal === null)).toHaveLength(3);
    expect(one.lamps.switched("hall")).toBe(3);
    expect(await one.kernel.escalations.list("open")).toMatchObject({ open: 1 });
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("an approval that is replayed, or comes late, acts no second time", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine, {
      trigger: { budgets: [{ scope: "trigger", max: 0, window_ms: HOUR }] },
    });
    const ask = async () => {
      await house.fail();
      return (await house.kernel.escalations.list("open")).escalations[0]?.id ?? "";
    };
    const first = await ask();
    const answers = await Promise.allSettled(
      [1, 2, 3].map(() => house.kernel.escalations.decide(first, "switch_once")),
    );
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await house.settle();
    await house.light();
    expect(house.lamps.switched("hall")).toBe(1);
    house.clock.advance(5 * SECOND);
    await house.kernel.settle();
    const late = await ask();
    house.clock.advance(25 * HOUR);
    await house.kernel.settle();
    await expect(house.kernel.escalations.decide(late, "switch_once")).rejects.toMatchObject({
      code: "PRUNELLA_CONFLICT",
    });
    expect(house.lamps.switched("hall")).toBe(1);
  });

  test("a clock that jumps back frees nothing, and limits outlive a restart", async () => {
    await using store = await open();
    const clock = testClock();
    const lamps = await (async () => {
      await using house = await openLampHouse(store.engine, { clock });
      for (let at = 0; at < 3; at += 1) {
        await house.fail();
        await house.light();
        clock.advance(5 * SECOND);
        await house.kernel.settle();
      }
      return house.lamps;
    })();
    expect(lamps.switched("hall")).toBe(3);
    await using again = await openLampHouse(store.engine, { clock, lamps, names: [] });
    for (const jump of [0, -2 * HOUR, -20 * HOUR]) {
      clock.advance(jump);
      expect([jump, await again.fail()]).toMatchObject([jump, { state: "refused" }]);
    }
    expect(lamps.switched("hall")).toBe(3);
  });

  test("a trigger that is edited while it is judged is judged by what it says then", async () => {
    await using store = await open();
    const edited = lampTrigger("hall");
    let edit = async (): Promise<void> => undefined;
    await using house = await openLampHouse(store.engine, { whileLooking: () => edit() });
    edit = async () => {
      await house.kernel.triggers.register({ ...edited, envelope: { ...edited.envelope, enabled: false } });
    };
    expect(await house.fail()).toMatchObject({ state: "refused", refusal: "envelope_disabled" });
    expect(house.lamps.switched("hall")).toBe(0);
  });

  test("a switch that is flipped in mid-investigation is what the answer follows: the kill switch, and an envelope's", async () => {
    await using store = await open();
    let flip = async (): Promise<void> => undefined;
    await using house = await openLampHouse(store.engine, { whileLooking: () => flip() });
    flip = async () => void (await house.kernel.switches.kill(true));
    expect(await house.fail()).toMatchObject({ state: "refused", refusal: "killed" });
    expect(house.lamps.switched("hall")).toBe(0);

    await using other = await open();
    const halls = createHalls();
    halls.turn(true);
    halls.add("machine:south/m1", "broken");
    // The provider is asked how the machine is, and while it answers somebody turns the envelope off.
    const fixes = halls.fixing.fixes.map((fix): (typeof halls.fixing.fixes)[number] => ({
      ...fix,
      async look(...asked) {
        const seen = await fix.look(...asked);
        halls.turn(false);
        return seen;
      },
    }));
    await using kernel = await openKernel(other.engine, testClock(), 5_000, undefined, undefined, {
      fixing: { ...halls.fixing, fixes },
    });
    const answer = await kernel.envelopes.autofix({
      projectId: "default",
      subject: { kind: "person", id: "operator" },
      source: "operator",
      probe: "halls",
      action: "mend",
      target: "m1",
      reason: "it is broken",
      callerSessionId: null,
    });
    expect(answer).toMatchObject({ status: "rejected", rejection_reason: "envelope_disabled" });
    expect(halls.acts()).toBe(0);
  });

  test("a stuck lease is taken over when its time is over, and whoever held it does nothing any more", async () => {
    await using store = await open();
    const clock = testClock();
    const stuck = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    await using one = await openLampHouse(store.engine, {
      clock,
      seed: 911,
      async whileLooking() {
        reached.resolve();
        await stuck.promise;
      },
    });
    await using two = await openLampHouse(await store.again(), {
      clock,
      lamps: one.lamps,
      names: [],
      seed: 912,
      deps: { place: "another" },
    });
    // Whatever fails here, it comes free at last.
    await using _ = { [Symbol.asyncDispose]: async () => stuck.resolve() };
    one.lamps.fail("hall");
    await one.kernel.report("default", [aCrash("lamp:hall", { source: "probe", level: "error", at: clock.now() })]);
    const working = one.kernel.settle();
    await reached.promise;
    await two.settle();
    expect((await two.kernel.attempts.list({ limit: 9 })).attempts).toEqual([]);
    clock.advance(LEASE_MS + 1);
    // Either of them may take it over: the one that is stuck looks for work as before.
    const lit = async () => {
      await two.settle();
      one.lamps.release();
      return one.lamps.switched("hall");
    };
    await expect.poll(lit).toBe(1);
    stuck.resolve();
    await working;
    await two.kernel.settle();
    expect((await two.kernel.attempts.list({ limit: 9 })).attempts).toHaveLength(1);
    expect(one.lamps.switched("hall")).toBe(1);
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("the limiter outlives restarts, and replicas share it", async () => {
    await using store = await open();
    const clock = testClock();
    const lamps = await (async () => {
      await using first = await openLampHouse(store.engine, { clock, seed: 921 });
      expect(await first.fail()).toMatchObject({ refusal: null });
      await first.light();
      clock.advance(5 * SECOND);
      await first.kernel.settle();
      return first.lamps;
    })();
    await using again = await openLampHouse(store.engine, { clock, lamps, names: [], seed: 922 });
    const deps = { place: "another" };
    await using replica = await openLampHouse(await store.again(), { clock, lamps, names: [], seed: 923, deps });
    const verdicts: unknown[] = [];
    for (const node of [replica, again, replica, again]) {
      verdicts.push((await node.fail())?.refusal);
      await node.light();
      clock.advance(5 * SECOND);
      for (const each of [again, replica]) await each.kernel.settle();
    }
    expect(verdicts).toEqual([null, null, "budget_exhausted", "budget_exhausted"]);
    expect(lamps.switched("hall")).toBe(3);
    expect(await again.kernel.escalations.list("open")).toMatchObject({ open: 1 });
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("killed means stopped: no permit that was given before is used after, and no work of before acts", async () => {
    await using store = await open();
    const clock = testClock();
    await using house = await openLampHouse(store.engine, {
      clock,
      trigger: { backoff: { base_ms: 30_000, max_ms: 30_000 }, verify_ms: HOUR },
    });
    await house.fail();
    await house.light();
    expect(await house.fail()).toMatchObject({ state: "permitted" });
    await house.kernel.switches.kill(true);
    clock.advance(31 * SECOND);
    await house.settle();
    await house.light();
    expect(house.lamps.switched("hall")).toBe(1);
    const { attempts } = await house.kernel.attempts.list({ limit: 9 });
    expect(attempts.map(({ state, refusal }) => refusal ?? state)).toEqual(["killed", "expired", "succeeded"]);
  });

  test("a worker that slept through its turn is fenced off, and its late word undoes nothing", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const policy = RestartPolicy.parse({ budget: { max: 5, window_ms: HOUR }, backoff: { base_ms: 0, max_ms: 0 } });
    const { runId } = await kernel.supervised.announce({ projectId: "default", name: "shop", pid: 1, policy });
    const crash = async () => {
      await kernel.supervised.crash(runId, (target) => aCrash(target, { at: clock.now() }));
      await kernel.settle();
      const told = await kernel.supervised.next(runId, null);
      if (told.kind !== "restart") throw new Error(`told to ${told.kind}`);
      return told;
    };
    const zombie = await crash();
    clock.advance(61 * SECOND);
    await kernel.settle();
    const alive = await crash();
    expect(alive.fence).toBeGreaterThan(zombie.fence);
    await expect(kernel.redeemer(zombie.permit_id, zombie.fence)).rejects.toThrow();
    await expect(kernel.redeemer(zombie.permit_id, alive.fence)).rejects.toThrow();
    await kernel.redeemer(alive.permit_id, alive.fence);
    await expect(kernel.supervised.outcome(alive.attempt_id, zombie.fence, "failed", null)).rejects.toThrow();
    await kernel.supervised.outcome(alive.attempt_id, alive.fence, "succeeded", 2);
  });

  test("an outsider who floods one target uses up nobody's budget", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine, {
      names: ["hall", "attic"],
      trigger: { budgets: [{ scope: "project", max: 1, window_ms: HOUR }], debounce: { count: 2, window_ms: 60_000 } },
    });
    const flood = Array.from({ length: 300 }, () =>
      anEvent({ at: house.clock.now(), level: "fatal", target: "lamp:hall", trust: "public" }),
    );
    await house.kernel.report("default", flood);
    await house.kernel.settle();
    expect(house.lamps.switched("hall")).toBe(0);
    // Nor do they count for a debounce.
    expect(await house.fail("attic")).toMatchObject({ refusal: "debounced" });
    expect(await house.fail("attic")).toMatchObject({ target: "lamp:attic", refusal: null });
    await house.light();
    expect(house.lamps.switched("attic")).toBe(1);
  });
});
