import type { Actor } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash } from "../../../../test/kernel-fixture.ts";
import { lampTrigger, openLampHouse } from "../../../../test/lamp-house.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";

const ANNA: Actor = { kind: "person", id: "anna" };
const BEN: Actor = { kind: "person", id: "ben" };
const HOUR = 3_600_000;
const ALL = { projectId: "default", triggerId: null };

describe.each(ENGINES)("what stands in the way of policy, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("pauses are named reasons with owners: each is lifted on its own, and what they held is judged again", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine, { names: ["hall", "attic"] });
    const { kernel } = house;
    const all = { projectId: "default", triggerId: null, until: null };
    const deploy = await kernel.pauses.add({ ...all, reason: "deploy" }, ANNA);
    const paint = await kernel.pauses.add({ ...all, triggerId: "light-hall", reason: "painters" }, BEN);
    // The same reason again is the one that stands.
    expect(await kernel.pauses.add({ ...all, reason: "deploy" }, BEN)).toEqual(deploy);
    expect((await kernel.pauses.list()).map(({ reason, owner }) => [reason, owner.id])).toEqual([
      ["deploy", "anna"],
      ["painters", "ben"],
    ]);
    expect(await house.fail("hall")).toMatchObject({
      refusal: "paused",
      refusal_detail: "The project is paused: deploy; painters.",
    });
    await kernel.pauses.lift(deploy.id, ANNA);
    await kernel.settle();
    expect(await house.newest()).toMatchObject({
      refusal: "paused",
      refusal_detail: expect.stringContaining("painters"),
    });
    await kernel.pauses.lift(paint.id, BEN);
    await house.settle();
    expect(await house.newest()).toMatchObject({ target: "lamp:hall", refusal: null });
    await house.light();
    expect(house.lamps.switched("hall")).toBe(1);
    expect((await kernel.escalations.list("all")).escalations).toEqual([]);
    await expect(kernel.pauses.lift(deploy.id, BEN)).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("a pause of one trigger leaves the others alone, and one with an end ends", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine, { names: ["hall", "attic"] });
    const { kernel, clock } = house;
    const until = clock.now() + HOUR;
    await kernel.pauses.add({ projectId: "default", triggerId: "light-hall", reason: "painters", until }, ANNA);
    expect(await house.fail("attic")).toMatchObject({ refusal: null });
    await house.light();
    expect(await house.fail("hall")).toMatchObject({ refusal: "paused" });
    clock.advance(HOUR);
    await house.settle();
    expect(await house.newest()).toMatchObject({ target: "lamp:hall", refusal: null });
    await house.light();
    expect(await kernel.pauses.list()).toEqual([]);
    expect(house.lamps.switched("hall")).toBe(1);
  });

  test("what a pause held is found however much was refused elsewhere since", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine);
    const { kernel, clock } = house;
    const pause = await kernel.pauses.add({ ...ALL, triggerId: "light-hall", reason: "painters", until: null }, ANNA);
    await house.fail("hall");
    const db = store.engine.writer;
    const [held] = await db.selectFrom("self_heal_attempts").selectAll().execute();
    if (!held) throw new Error("it was refused");
    const elsewhere = Array.from({ length: 1_001 }, (_, at) => ({
      ...held,
      attempt_id: `other-${at}`,
      trigger_id: `other-${at}`,
      target: `lamp:other-${at}`,
      created_at: held.created_at + 1,
    }));
    await db.insertInto("self_heal_attempts").values(elsewhere).execute();
    clock.advance(10);
    await kernel.pauses.lift(pause.id, ANNA);
    await house.settle();
    expect(await house.newest()).toMatchObject({ target: "lamp:hall", refusal: null });
    await house.light();
  });

  test("asks again once at that moment, also beside very many, and behind everybody for what anyone could send", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine, {
      trigger: { envelope: { ...lampTrigger("hall").envelope, allow_public: true } },
    });
    const { kernel, clock } = house;
    const until = clock.now() + HOUR;
    await kernel.pauses.add({ ...ALL, reason: "deploy", until }, ANNA);
    const waiting = Array.from({ length: 1_000 }, (_, at) => ({
      project_id: "default",
      work_id: `other-${at}`,
      kind: "evaluate_trigger",
      lane: 0,
      payload: JSON.stringify({
        trigger: "light-attic",
        fault: null,
        target: `lamp:${at}`,
        cause: { source: "probe", trust: "local", level: "error" },
      }),
      due_at: until,
      leased_until: 0,
      fence: 0,
      tries: 0,
    }));
    await store.engine.writer.insertInto("work").values(waiting).execute();
    const queued = async () =>
      (await store.engine.reader.selectFrom("work").select(["kind", "lane", "payload"]).execute()).flatMap(
        ({ kind, lane, payload }) => (payload.includes("light-hall") ? [{ kind, lane }] : []),
      );
    const publicly = () =>
      kernel.report("default", [aCrash("lamp:hall", { source: "sentry", trust: "public", level: "error" })]);
    await publicly();
    await kernel.settle();
    expect(await queued()).toEqual([{ kind: "evaluate_public", lane: 2 }]);
    // It failed again, and that is judged now: what waits for the end of the pause does not stand for it.
    await publicly();
    await kernel.settle();
    expect(await queued()).toEqual([{ kind: "evaluate_public", lane: 2 }]);
    expect(await house.newest()).toMatchObject({ refusal: "paused", count: 2 });
  });

  test("a pause lets what runs finish, and takes back what has not begun", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine);
    expect(await house.fail("hall")).toMatchObject({ refusal: null });
    await house.kernel.pauses.add({ projectId: "default", triggerId: null, reason: "deploy", until: null }, ANNA);
    await house.light();
    expect(await house.newest()).toMatchObject({ state: "succeeded" });
    expect(house.lamps.switched("hall")).toBe(1);
  });

  test("maintenance of a target holds policy and asks nobody; when it ends what is still dark is lit", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine, { names: ["hall", "attic"] });
    const { kernel, clock } = house;
    const moment = (ms: number) => new Date(clock.now() + ms).toISOString();
    const added = await kernel.maintenance.add(
      { projectId: "default", target: "lamp:hall", window: { from: moment(0), to: moment(HOUR) }, reason: "new bulbs" },
      ANNA,
    );
    expect(await kernel.maintenance.list()).toMatchObject([{ reason: "new bulbs", open_until: clock.now() + HOUR }]);
    expect(await house.fail("hall")).toMatchObject({ refusal: "outside_window" });
    expect(await house.fail("hall")).toMatchObject({ refusal: "outside_window", count: 2 });
    expect(await house.fail("attic")).toMatchObject({ refusal: null });
    await house.light();
    clock.advance(HOUR);
    await house.settle();
    expect(await house.newest()).toMatchObject({ target: "lamp:hall", refusal: null });
    await house.light();
    expect(house.lamps.switched("hall")).toBe(1);
    expect((await kernel.escalations.list("all")).escalations).toEqual([]);
    expect(await kernel.maintenance.list()).toEqual([]);
    await expect(kernel.maintenance.end(added.id, ANNA)).resolves.toMatchObject({ open_until: null });
    await expect(kernel.maintenance.end(added.id, ANNA)).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
  });

  test("windows of the configuration are made what they are: kept, added and ended", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine, { names: [] });
    const { kernel } = house;
    const nightly = {
      projectId: null,
      target: null,
      window: { from: "02:00", to: "03:00", zone: "UTC" },
      reason: "backup",
    };
    const weekly = {
      ...nightly,
      window: { cron: "0 4 * * SUN", lasts_ms: HOUR, zone: "Europe/Berlin" },
      reason: "kernels",
    };
    await kernel.maintenance.add({ ...nightly, reason: "by hand" }, ANNA);
    await kernel.maintenance.follow([nightly]);
    const [, first] = await kernel.maintenance.list();
    await kernel.maintenance.follow([nightly, weekly]);
    const reasons = async () => (await kernel.maintenance.list()).map(({ reason }) => reason);
    expect(await reasons()).toEqual(["by hand", "backup", "kernels"]);
    expect((await kernel.maintenance.list())[1]).toEqual(first);
    await kernel.maintenance.follow([]);
    expect(await reasons()).toEqual(["by hand"]);
  });

  test("a dated window of the configuration may stay in the file when it is over, whatever its reason was", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine, { names: [] });
    const { kernel, clock } = house;
    const moment = (ms: number) => new Date(clock.now() + ms).toISOString();
    const window = { from: moment(0), to: moment(HOUR) };
    // Kept without what the scrubber takes out, and without its spaces.
    const dated = { projectId: null, target: null, window, reason: " new bulbs, ask anna@example.com " };
    await kernel.maintenance.follow([dated]);
    const before = await kernel.maintenance.list();
    expect(before).toHaveLength(1);
    await kernel.maintenance.follow([dated]);
    expect(await kernel.maintenance.list()).toEqual(before);
    clock.advance(HOUR);
    await kernel.maintenance.follow([dated]);
    expect(await kernel.maintenance.list()).toEqual([]);
  });

  test("quiet hours hold policy until they end, and then it asks once", async () => {
    await using store = await open();
    // It is eight o'clock.
    const windows = { maintenance: [], quiet: [{ from: "07:00", to: "09:00", zone: "UTC" }] };
    await using house = await openLampHouse(store.engine, { trigger: { windows } });
    const now = async () => (await house.kernel.triggers.list()).triggers[0]?.now;
    expect(await now()).toMatchObject({ maintenance_until: null, quiet_until: house.clock.now() + HOUR });
    expect(await house.fail("hall")).toMatchObject({ refusal: "outside_window" });
    expect(await house.fail("hall")).toMatchObject({ refusal: "outside_window" });
    house.clock.advance(HOUR);
    expect(await now()).toMatchObject({ quiet_until: null });
    await house.settle();
    expect(await house.newest()).toMatchObject({ refusal: null });
    await house.light();
    expect((await house.kernel.attempts.list({ limit: 9 })).attempts.map(({ state }) => state)).toEqual([
      "succeeded",
      "refused",
    ]);
  });

  test("a dry run passes through every check, is recorded apart, and never acts nor asks", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine, { trigger: { mode: "dry_run" } });
    const { kernel } = house;
    for (let at = 0; at < 5; at += 1) await house.fail("hall");
    expect(await house.newest()).toMatchObject({ state: "refused", refusal: "dry_run", count: 5 });
    // Before it would be: a target that nobody knows is found out first.
    await kernel.report("default", [aCrash("lamp:hall", { source: "sentry", trust: "public", level: "error" })]);
    await kernel.settle();
    expect(await house.newest()).toMatchObject({ refusal: "dry_run" });
    const { triggers } = await kernel.triggers.list();
    expect(triggers[0]?.budgets).toMatchObject([{ used: 0 }]);
    expect(await store.engine.reader.selectFrom("permit").selectAll().execute()).toEqual([]);
    expect((await kernel.escalations.list("all")).escalations).toEqual([]);
    expect(house.lamps.switched("hall")).toBe(0);
  });

  test("in a storm nothing is done until it has cooled down, and then only about what is still bad", async () => {
    await using store = await open();
    const names = ["hall", "attic", "porch"];
    const storm = { over: "project" as const, min_healthy: 2, cooldown_ms: 600_000 };
    await using house = await openLampHouse(store.engine, { names, trigger: { storm } });
    const { kernel, clock, lamps } = house;
    expect(await house.fail("hall")).toMatchObject({ refusal: null });
    await house.light();
    clock.advance(2_000);
    await kernel.settle();
    // Two of three are dark at once.
    lamps.fail("attic");
    expect(await house.fail("hall")).toMatchObject({
      refusal: "storm",
      refusal_detail: "1 of 3 targets are well, and 2 should be.",
    });
    const now = async () => (await kernel.triggers.show("default", "light-hall")).trigger.now;
    expect(await now()).toMatchObject({ storm_until: clock.now() + 600_000 });
    // Cooling down holds also when all but one are well again by themselves.
    lamps.add("attic");
    clock.advance(60_000);
    expect(await house.fail("hall")).toMatchObject({ refusal: "storm", count: 2 });
    expect((await kernel.escalations.list("all")).escalations).toEqual([]);
    lamps.fail("attic");
    clock.advance(540_000);
    expect(await now()).toMatchObject({ storm_until: null });
    await house.settle();
    expect(await house.newest()).toMatchObject({ target: "lamp:hall", refusal: null });
    await house.light();
    expect([lamps.switched("hall"), lamps.switched("porch")]).toEqual([2, 0]);
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("a storm that could never end, and a window that nobody could judge, are refused when they are made", async () => {
    await using store = await open();
    await using house = await openLampHouse(store.engine);
    const [trigger] = (await house.kernel.triggers.list()).triggers;
    if (!trigger) throw new Error("there is a trigger");
    const { last_attempt: _last, last_proven: _proven, now: _now, ...row } = trigger;
    const plain = { ...row, budgets: [], ceilings: [] };
    await expect(
      house.kernel.triggers.register({ ...plain, storm: { over: "trigger", min_healthy: 1, cooldown_ms: 1 } }),
    ).rejects.toThrow("at most 0 is expected");
    const quiet = [{ from: "22:00", to: "06:00", zone: "Europe/Atlantis" }];
    await expect(house.kernel.triggers.register({ ...plain, windows: { maintenance: [], quiet } })).rejects.toThrow(
      "no time zone Europe/Atlantis",
    );
  });
});
