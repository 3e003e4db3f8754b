import { RestartPolicy, type Actor } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel } from "../../../../test/kernel-fixture.ts";
import { openLampHouse } from "../../../../test/lamp-house.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import { OPERATOR } from "../actors.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { createWriter } from "../store/writer.ts";

const MINUTE = 60_000;
/** As another process would, in a unit of its own. */
async function change(engine: Engine, unit: (tx: Tx) => Promise<unknown>): Promise<void> {
  const writer = createWriter(engine);
  try {
    await writer.run(unit);
  } finally {
    await writer.close();
  }
}
const entriesOf = async (engine: Engine): Promise<{ idx: number; entry: unknown }[]> =>
  (await engine.reader.selectFrom("ledger").selectAll().orderBy("idx").execute()).map(({ idx, entry }) => ({
    idx: Number(idx),
    entry: JSON.parse(entry),
  }));

describe.each(ENGINES)("the locks of the healer, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("LOCK-HEAL-1: an attempt names an earlier entry of its own, and none can be written without one", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine);
    const attempt = await house.fail();
    await house.light();
    const entries = await entriesOf(store.engine);
    expect(entries[attempt?.audit_log_id ?? -1]?.entry).toMatchObject({ type: "attempt_intent", attempt: attempt?.id });
    const before = entries.findIndex(({ entry }) => Object(entry).type === "attempt_started");
    expect(before).toBeGreaterThan(attempt?.audit_log_id ?? before);
    const unheard = change(store.engine, (tx) =>
      tx.db
        .updateTable("self_heal_attempts")
        .set({ audit_log_id: entries.length + 100 })
        .execute(),
    );
    await expect(unheard).rejects.toThrow(/foreign key/i);
  });

  test("LOCK-HEAL-2: whoever comes in between takes the place under the ceiling, however late it is seen", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine, { trigger: { verify_ms: 1 } });
    await house.fail();
    await house.light();
    house.clock.advance(1_000);
    await house.kernel.settle();
    // The screening found nobody at work; by the time of the unit somebody is.
    await using late = await openLampHouse(store.engine, {
      clock: house.clock,
      lamps: house.lamps,
      names: [],
      whileLooking: () =>
        change(store.engine, (tx) =>
          tx.db.updateTable("self_heal_attempts").set({ state: "running", ended_at: null }).execute(),
        ),
    });
    expect(await late.fail()).toMatchObject({ state: "refused", refusal: "ceiling_reached" });
  });

  test("LOCK-HEAL-3: failures are counted in the unit that permits, not before it", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine, {
      trigger: { debounce: { count: 2, window_ms: MINUTE } },
      whileLooking: () =>
        change(store.engine, (tx) => tx.db.updateTable("delta").set({ count: 1, target: "lamp:other" }).execute()),
    });
    expect(await house.fail()).toMatchObject({ refusal: "debounced" });
    expect(await house.fail()).toMatchObject({ state: "refused", refusal: "debounced", count: 2 });
    expect(house.lamps.switched("hall")).toBe(0);
  });

  test("LOCK-HEAL-4: a budget is the trigger's, whatever the cause of each failure was", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine);
    const causes = ["the fuse is blown", "no such socket", "a moth got in", "somebody stole the bulb"];
    const verdicts: unknown[] = [];
    const faults = new Set<unknown>();
    for (const message of causes) {
      const attempt = await house.fail("hall", { errors: [], message });
      verdicts.push(attempt?.refusal);
      faults.add(attempt?.fault_id);
      await house.light();
      house.clock.advance(5_000);
      await house.kernel.settle();
    }
    expect(faults.size).toBe(causes.length);
    expect(verdicts).toEqual([null, null, null, "budget_exhausted"]);
  });

  test("LOCK-HEAL-5: what is exhausted becomes one question, and is never left without one", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine, {
      trigger: { budgets: [{ scope: "trigger", max: 0, window_ms: MINUTE }] },
    });
    for (let at = 0; at < 3; at += 1) {
      await house.fail();
      house.clock.advance(5_000);
    }
    const { escalations } = await house.kernel.escalations.list("all");
    expect(escalations).toMatchObject([{ status: "open", reason: "budget_exhausted", failures_since: 2 }]);
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("what a person was asked about is never repaired away, also when the budget is free again", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine, {
      trigger: { budgets: [{ scope: "trigger", max: 1, window_ms: MINUTE }] },
    });
    await house.fail();
    await house.light();
    const exhausted = await house.fail();
    const lit = house.lamps.switched("hall");
    house.clock.advance(2 * MINUTE);
    const waits = await house.fail();
    // A lamp that is being switched would hold up the end of the test.
    await house.light();
    expect([exhausted?.refusal, waits?.refusal]).toEqual(["budget_exhausted", "awaiting_approval"]);
    expect(house.lamps.switched("hall")).toBe(lit);
    const { escalations } = await house.kernel.escalations.list("all");
    expect(escalations).toMatchObject([{ status: "open", reason: "budget_exhausted" }]);
  });

  test("nobody approves what they asked for themselves where another person is there, and whoever is alone does", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine, { names: [] });
    const { kernel, clock } = house;
    const invite = async (name: string): Promise<Actor> => {
      const { person } = await kernel.access.addPerson({
        name,
        email: null,
        role: "operator",
        project: null,
        by: OPERATOR,
      });
      await change(store.engine, (tx) => tx.db.updateTable("person").set({ state: "active" }).execute());
      return { kind: "person", id: person.id };
    };
    const anna = await invite("anna");
    const policy = RestartPolicy.parse({ budget: { max: 0, window_ms: MINUTE }, backoff: { base_ms: 0, max_ms: 0 } });
    const { runId } = await kernel.supervised.announce({ projectId: "default", name: "shop", pid: 1, policy });
    /** Anna asks for a restart, which cannot be done; the question that it becomes. */
    const askAndFail = async (): Promise<string> => {
      await kernel.act("default", "shop", "restart", anna);
      await kernel.settle();
      const told = await kernel.supervised.next(runId, null);
      if (told.kind !== "restart") throw new Error(`told to ${told.kind}`);
      await kernel.redeemer(told.permit_id, told.fence);
      await kernel.supervised.outcome(told.attempt_id, told.fence, "failed", null);
      await kernel.settle();
      clock.advance(1_000);
      return (await kernel.escalations.list("open")).escalations[0]?.id ?? "";
    };
    const alone = await askAndFail();
    const decided = { escalation: { status: "decided", decision: "restart_once" } };
    expect(await kernel.escalations.decide(alone, "restart_once", anna)).toMatchObject(decided);
    const ben = await invite("ben");
    const asked = await askAndFail();
    await expect(kernel.escalations.decide(asked, "restart_once", anna)).rejects.toThrow("asked for this yourself");
    expect(await kernel.escalations.decide(asked, "restart_once", ben)).toMatchObject(decided);
  });

  test("who pulled the kill switch, and who let it go, stands in the ledger", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const [anna, ben]: [Actor, Actor] = [
      { kind: "person", id: "anna" },
      { kind: "person", id: "ben" },
    ];
    await kernel.switches.kill(true, anna);
    await kernel.switches.kill(false, ben);
    const turned = (await entriesOf(store.engine)).filter(({ entry }) => Object(entry).type === "switch_changed");
    expect(turned.map(({ entry }) => entry)).toMatchObject([
      { on: true, by: anna },
      { on: false, by: ben },
    ]);
  });
});
