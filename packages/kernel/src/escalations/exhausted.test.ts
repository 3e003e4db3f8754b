import type { Actor, Trigger } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { lampTrigger, openLampHouse } from "../../../../test/lamp-house.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import type { Engine } from "../store/engine.ts";
import { createWriter } from "../store/writer.ts";
import { openSprint } from "./sprints.ts";

const ANNA: Actor = { kind: "person", id: "anna" };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const BUDGETS: Trigger["budgets"] = [
  { scope: "trigger", max: 1, window_ms: HOUR },
  { scope: "trigger", max: 7, window_ms: 7 * DAY },
];

/** Lamps that are switched on at once; one an hour, unless it is said otherwise. */
async function openHouse(engine: Engine, names: readonly string[], budgets = BUDGETS) {
  const house = await openLampHouse(engine, { names, trigger: { budgets } });
  const { clock, lamps, settle, light } = house;
  return {
    ...house,
    /** Goes dark, and whatever is done about it is done; what the gate said of it. */
    async fail(name: string) {
      await house.fail(name);
      await light();
      return house.newest();
    },
    /** The quiet watch is over, and the lamp was well or went out again. */
    async watched(name: string, isLit: boolean) {
      if (!isLit) lamps.fail(name);
      clock.advance(2_000);
      await settle();
      await light();
    },
  };
}

describe.each(ENGINES)("what is exhausted, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("a person widens a budget once: so many attempts, so long, and the ledger says who", async () => {
    await using store = await open();
    await using house = await openHouse(store.engine, ["hall"]);
    const { kernel, clock } = house;
    await house.fail("hall");
    await house.watched("hall", true);
    expect(await house.fail("hall")).toMatchObject({ refusal: "budget_exhausted" });
    const wide = { projectId: "default", triggerId: "light-hall", extra: 1, forMs: HOUR, reason: "new bulbs are in" };
    expect(await kernel.pauses.override(wide, ANNA)).toMatchObject({ extra: 1, taken: 0, by: ANNA });
    await expect(kernel.pauses.override(wide, { kind: "grant", id: "agents" })).rejects.toThrow("Only a person");
    expect(await house.fail("hall")).toMatchObject({ refusal: null, state: "succeeded" });
    await house.watched("hall", true);
    await house.fail("hall");
    const refused = async () =>
      (await kernel.attempts.list({ limit: 9 })).attempts.find(({ refusal }) => refusal === "budget_exhausted")?.count;
    // Equal refusals share a row.
    expect(await refused()).toBe(2);
    // One whose time is over widens nothing.
    await kernel.pauses.override({ ...wide, forMs: 60_000 }, ANNA);
    clock.advance(120_000);
    await house.fail("hall");
    expect(await refused()).toBe(3);
    const entries = (await store.engine.reader.selectFrom("ledger").selectAll().execute()).map(({ entry }): unknown =>
      JSON.parse(entry),
    );
    const widened = entries.filter((entry) => JSON.stringify(entry).includes('"budget_overridden"'));
    expect(widened).toMatchObject([{ trigger: "light-hall", extra: 1, by: ANNA }, { by: ANNA }]);
    expect(entries.filter((entry) => JSON.stringify(entry).includes('"override":'))).toHaveLength(1);
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("the same useless success three times is told to a person, and asks for the repair of its cause once", async () => {
    await using store = await open();
    await using house = await openHouse(store.engine, ["hall"], [{ scope: "trigger", max: 9, window_ms: DAY }]);
    const { kernel } = house;
    for (let at = 0; at < 3; at += 1) {
      await house.fail("hall");
      await house.watched("hall", false);
    }
    const asked = await house.questions();
    expect(asked).toHaveLength(1);
    expect(asked).toMatchObject([{ reason: "ineffective" }]);
    const { sprints } = await kernel.sprints.list({ all: true });
    expect(sprints).toHaveLength(1);
    expect(sprints).toMatchObject([
      { reason: "repeated", target: "lamp:hall", closed_at: null, brief: { suspects: [{ release: "shop@1.0.0" }] } },
    ]);
    const first = sprints[0];
    if (!first) throw new Error("there is a sprint");
    const { counts, attempts } = first.brief;
    expect(counts.escalations + counts.ineffective).toBeGreaterThanOrEqual(3);
    expect(attempts[0]).toMatchObject({ action: "switch_on", verification: "ineffective" });
    expect(await kernel.sprints.close(first.id, { reason: "the wire was loose", by: ANNA })).toMatchObject({
      closed_by: ANNA,
      close_reason: "the wire was loose",
    });
    await expect(kernel.sprints.close(first.id, { reason: "again", by: ANNA })).rejects.toThrow("closed already");
    expect((await kernel.sprints.list({ all: false })).sprints).toEqual([]);
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("what is severe opens a sprint at once, and two of one fault never stand open", async () => {
    await using store = await open();
    await using house = await openHouse(store.engine, ["hall"]);
    const { kernel, clock } = house;
    const fault = (await house.fail("hall"))?.fault_id ?? null;
    const trouble = { projectId: "default", triggerId: "light-hall", faultId: fault, target: "lamp:hall" };
    const writer = createWriter(store.engine);
    let ids = 0;
    const newId = () => `01a1fd1f-7660-73b5-9a29-${String((ids += 1)).padStart(12, "0")}`;
    const opened = await Promise.all(
      [1, 2, 3].map(() => writer.run((tx) => openSprint(tx, newId, clock.now(), trouble, DAY))),
    );
    expect(opened.filter((id) => id !== null)).toHaveLength(1);
    await writer.close();
    expect((await kernel.sprints.list({ all: true })).sprints).toMatchObject([{ reason: "severity", fault_id: fault }]);
  });

  test("a trigger that names a level opens a sprint at once, one for each fault, and again when that is closed", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine, {
      names: ["hall", "attic"],
      trigger: { sprint_at: "fatal", remedies: [] },
    });
    const { kernel } = house;
    const sprints = async () => (await kernel.sprints.list({ all: true })).sprints;
    await house.fail("hall");
    // What anyone could have sent, and what only tries, says nothing of a cause.
    await house.fail("hall", { level: "fatal", source: "sentry", trust: "public" });
    expect(await sprints()).toEqual([]);
    expect(await house.fail("hall", { level: "fatal" })).toMatchObject({ refusal: "detect_only" });
    await house.fail("hall", { level: "fatal" });
    const [first, ...more] = await sprints();
    expect(more).toEqual([]);
    expect(first).toMatchObject({ reason: "severity", target: "lamp:hall", trigger_id: "light-hall", closed_at: null });
    await kernel.sprints.close(first?.id ?? "", { reason: "the wire was loose", by: ANNA });
    await house.fail("hall", { level: "fatal" });
    expect((await sprints()).map(({ closed_at: closed }) => closed === null)).toEqual([true, false]);
    await kernel.triggers.register(lampTrigger("attic", { sprint_at: "error", mode: "dry_run" }));
    expect(await house.fail("attic", { errors: [], message: "dark" })).toMatchObject({ refusal: "dry_run" });
    expect(await sprints()).toHaveLength(2);
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("whoever was away reads what was tried, exhausted and not solved, and nothing else", async () => {
    await using store = await open();
    await using house = await openHouse(store.engine, ["hall", "attic", "porch"]);
    const { kernel, clock } = house;
    const since = clock.now();
    const away = () => kernel.away.look({ since, project: null, sees: null });
    expect((await away()).items).toEqual([]);
    // Solved by itself; exhausted and left; exhausted and solved by a person's answer.
    await house.fail("hall");
    await house.watched("hall", true);
    for (const name of ["attic", "porch"]) {
      await house.fail(name);
      await house.watched(name, true);
      await house.fail(name);
    }
    const porch = (await house.questions()).find(({ target }) => target === "lamp:porch");
    await kernel.escalations.decide(porch?.id ?? "", "leave_dark", ANNA);
    const { items } = await away();
    expect(items).toMatchObject([
      { target: "lamp:attic", action: "switch_on", reason: "budget_exhausted", tried: 1, status: "open" },
    ]);
    const entry = await store.engine.reader
      .selectFrom("ledger")
      .select("entry")
      .where("idx", "=", items[0]?.audit_log_id ?? -1)
      .executeTakeFirstOrThrow();
    expect(JSON.parse(entry.entry)).toMatchObject({ type: "escalation_opened", escalation: items[0]?.escalation_id });
    // Nobody answered for a day: that is not solved either.
    clock.advance(DAY);
    await kernel.settle();
    expect((await away()).items).toMatchObject([{ target: "lamp:attic", status: "expired" }]);
    const reviewed = await kernel.away.review({ since, project: null, sees: null, by: ANNA });
    expect(reviewed.reviewed_at).toBe(clock.now());
    expect(await kernel.away.look({ since: null, project: null, sees: null })).toMatchObject({
      since: clock.now(),
      items: [],
    });
    expect((await away()).items).toHaveLength(1);
    await expect(
      kernel.away.review({ since, project: null, sees: null, by: { kind: "system", id: null } }),
    ).rejects.toThrow("Only a person");
  });

  test("whoever was away reads all that is theirs, however much of others' and of what nothing was tried on is newer", async () => {
    await using store = await open();
    await using house = await openHouse(store.engine, ["hall"]);
    const { kernel, clock } = house;
    const since = clock.now();
    await house.fail("hall");
    await house.watched("hall", true);
    await house.fail("hall");
    await kernel.projects.add({ id: "other", by: ANNA });
    const [left] = await store.engine.reader.selectFrom("escalation_attempts").selectAll().execute();
    const [tried] = await store.engine.reader
      .selectFrom("self_heal_attempts")
      .selectAll()
      .where("refusal", "is", null)
      .execute();
    if (!left || !tried) throw new Error("something was tried, and a question is left of it");
    const writer = createWriter(store.engine);
    for (const project_id of ["other", "default"])
      for (let at = 0; at < 300; at += 1) {
        const target = `lamp:${project_id}${at}`;
        const ids = { project_id, target, episode: `switch_on ${target}` };
        const id = `01a1fd1f-7660-73b5-9a29-${project_id === "other" ? "1" : "2"}${String(at).padStart(11, "0")}`;
        const opened = { opened_at: clock.now() + 1 + at, expires_at: clock.now() + DAY };
        await writer.run(async ({ db }) => {
          await db
            .insertInto("escalation_attempts")
            .values({ ...left, ...ids, ...opened, escalation_id: id })
            .execute();
          if (project_id === "other")
            await db
              .insertInto("self_heal_attempts")
              .values({ ...tried, project_id, target, attempt_id: id })
              .execute();
        });
      }
    await writer.close();
    const away = async (sees: readonly string[] | null) =>
      (await kernel.away.look({ since, project: null, sees })).items.map(({ target }) => target);
    expect(await away(["default"])).toEqual(["lamp:hall"]);
    expect(await away([])).toEqual([]);
    expect(await away(null)).toHaveLength(301);
  });
});
