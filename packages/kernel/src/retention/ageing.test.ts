import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { forgetSeen } from "../intake/seen.ts";
import type { Engine } from "../store/engine.ts";
import { createWriter } from "../store/writer.ts";
import { aBody, aDelta, addProjectRow, aFault, configWith, DAY_MS, HOUR_MS, tidy } from "./retention-fixture.ts";

const NOW = Date.UTC(2026, 10, 21, 8);
const ALL = { status: "all", limit: 50 } as const;

const slotsOf = async (engine: Engine): Promise<string[]> =>
  (await engine.reader.selectFrom("event_sample").select("slot").orderBy("slot").execute()).map((row) => row.slot);
const faultsOf = async (engine: Engine): Promise<string[]> =>
  (await engine.reader.selectFrom("fault").select("fault_id").orderBy("fault_id").execute()).map((row) => row.fault_id);
const lossesOf = async (engine: Engine): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await engine.reader.selectFrom("tally_hour").select(["reason", "count"]).orderBy("reason").execute()).map(
      (row) => [row.reason, row.count],
    ),
  );

describe.each(ENGINES)("what ages on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("bodies go by age, but for the first, the last, and those of the newest and the rarest release", async () => {
    await using store = await open();
    const { engine } = store;
    await addProjectRow(engine);
    await engine.writer.insertInto("fault").values(aFault("a")).execute();
    const day = (days: number) => NOW - days * DAY_MS;
    const bodies = [
      aBody("a", "first:0", day(200)),
      aBody("a", "first:1", day(199)),
      aBody("a", "release:common", day(190)),
      aBody("a", "release:rare", day(180)),
      aBody("a", "release:newest", day(170)),
      aBody("a", "last:0", day(101)),
      aBody("a", "last:1", day(100)),
    ];
    await engine.writer.insertInto("event_sample").values(bodies).execute();
    const second = Math.floor(day(150) / 1_000);
    for (const [release, count] of [
      ["common", 90],
      ["rare", 1],
      ["newest", 8],
    ] as const)
      await engine.writer
        .insertInto("delta")
        .values(aDelta("a", second, { release, count }))
        .execute();
    await tidy(engine, NOW);
    expect(await slotsOf(engine)).toEqual(["first:0", "last:1", "release:newest", "release:rare"]);
    expect(await lossesOf(engine)).toEqual({ "retention.age.bodies": 3 });
  });

  test("of faults the resolved and muted ones go that were not met for long, merged ones with theirs; others stay", async () => {
    await using store = await open();
    const { engine } = store;
    await addProjectRow(engine);
    const old = { last_seen: NOW - 181 * DAY_MS, count: 7, tidy_at: null };
    const faults = [
      aFault("open", old),
      aFault("regressed", { ...old, status: "regressed" }),
      aFault("resolved", { ...old, status: "resolved" }),
      aFault("member", { ...old, merged_into: "resolved" }),
      aFault("muted", { ...old, status: "muted" }),
      aFault("young", { ...old, status: "resolved", last_seen: NOW - 179 * DAY_MS }),
    ];
    await engine.writer.insertInto("fault").values(faults).execute();
    for (const { fault_id } of faults) {
      await engine.writer.insertInto("delta").values(aDelta(fault_id, 100)).execute();
      await engine.writer
        .insertInto("event_sample")
        .values(aBody(fault_id, "first:0", NOW))
        .execute();
      await engine.writer
        .insertInto("fault_key")
        .values({
          project_id: "default",
          fingerprint: fault_id,
          fault_id,
          seen: 7,
          how: "first",
          detail: "[]",
          parts: "[]",
          trace: null,
        })
        .execute();
    }
    await tidy(engine, NOW);
    const left = ["open", "regressed", "young"];
    expect(await faultsOf(engine)).toEqual(left);
    for (const table of ["delta", "event_sample", "fault_key"] as const) {
      const rows = await engine.reader.selectFrom(table).select("fault_id").orderBy("fault_id").execute();
      expect(rows.map((row) => row.fault_id)).toEqual(left);
    }
    expect(await lossesOf(engine)).toEqual({ "retention.age.fault": 21 });
  });

  test("an event of a fault that went opens a new one", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const tell = async () => {
      await kernel.report("default", [anEvent({ at: clock.now() })]);
      await kernel.settle();
    };
    await tell();
    const [before] = (await kernel.faults.list(ALL)).faults;
    await kernel.faults.triage(before?.id ?? "", { action: "resolve" });
    clock.advance(181 * DAY_MS);
    await expect.poll(async () => (await kernel.faults.list(ALL)).faults.length, { timeout: 10_000 }).toBe(0);
    await tell();
    const [after] = (await kernel.faults.list(ALL)).faults;
    expect(after).toMatchObject({ status: "open", count: 1 });
    expect(after?.id).not.toBe(before?.id);
  });

  test("housekeeping does all that is due, in as many steps as it takes", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    for (let at = 0; at < 30; at += 1) {
      clock.advance(1_000);
      await kernel.report("default", [anEvent({ at: clock.now(), message: `failure ${at}`, errors: [] }), anEvent()]);
    }
    await kernel.settle();
    const rows = async () =>
      (await store.engine.reader.selectFrom("delta").select("second").execute()).map((row) => row.second);
    const before = (await rows()).length;
    clock.advance(40 * DAY_MS);
    await expect
      .poll(async () => (await rows()).every((second) => second % 86_400 === 0), { timeout: 10_000 })
      .toBe(true);
    expect((await rows()).length).toBeLessThan(before);
    await expect
      .poll(async () => (await store.engine.reader.selectFrom("event_seen").select("seen_at").execute()).length, {
        timeout: 10_000,
      })
      .toBe(0);
  });

  test("event ids are forgotten by age and by number, a few a step, oldest first", async () => {
    await using store = await open();
    const { engine } = store;
    await addProjectRow(engine);
    await addProjectRow(engine, "other");
    const add = (project_id: string, at: number, seen_at: number) =>
      engine.writer
        .insertInto("event_seen")
        .values({ project_id, event_id: Buffer.from([at]), fault_id: Buffer.from([1]), seen_at })
        .execute();
    const second = Math.floor(NOW / 1_000);
    for (let at = 0; at < 5; at += 1) await add("default", at, second - 49 * 3_600 - at);
    for (let at = 5; at < 15; at += 1) await add("default", at, second - 100 + at);
    await add("other", 20, second - 49 * 3_600);
    await add("other", 21, second);
    const writer = createWriter(engine);
    const sizes: number[] = [];
    const count = async () => (await engine.reader.selectFrom("event_seen").select("seen_at").execute()).length;
    while (await writer.run((tx) => forgetSeen(tx, NOW, 4, 3))) sizes.push(await count());
    expect(Math.max(...sizes.map((size, at) => (sizes[at - 1] ?? 17) - size))).toBe(3);
    const left = await engine.reader
      .selectFrom("event_seen")
      .select(["project_id", "seen_at"])
      .orderBy("seen_at")
      .execute();
    expect(left.filter((row) => row.project_id === "default").map((row) => row.seen_at)).toEqual(
      [11, 12, 13, 14].map((at) => second - 100 + at),
    );
    expect(left.filter((row) => row.project_id === "other").length).toBe(1);
    await writer.close();
  });

  test("source maps that no event needed for long go, and hourly counts of triggers", async () => {
    await using store = await open();
    const clock = testClock(NOW);
    await using kernel = await openKernel(store.engine, clock, undefined, undefined, undefined, {
      retention: configWith({ source_maps_ms: 2 * DAY_MS }),
    });
    const map = { version: 3, sources: ["a.ts"], sourcesContent: [null], names: [], mappings: "AAAA" };
    await kernel.sourceMaps.add({ project: "default", release: "1", file: "a.js", map });
    clock.advance(DAY_MS + HOUR_MS);
    await kernel.sourceMaps.add({ project: "default", release: "2", file: "a.js", map });
    await store.engine.writer
      .insertInto("trigger_hour")
      .values(
        [NOW - 92 * DAY_MS, NOW].map((hour) => ({
          project_id: "default",
          trigger_id: "t",
          hour,
          evaluated: 1,
          held: 1,
          fired: 1,
        })),
      )
      .execute();
    clock.advance(DAY_MS);
    await expect
      .poll(async () => (await kernel.sourceMaps.list()).map((row) => row.release), { timeout: 10_000 })
      .toEqual(["2"]);
    await expect
      .poll(
        async () => {
          // Another minute: the one before may have found the last still at work.
          clock.advance(60_000);
          return (await store.engine.reader.selectFrom("trigger_hour").select("hour").execute()).length;
        },
        { timeout: 10_000 },
      )
      .toBe(1);
    expect(await store.engine.reader.selectFrom("source_map_use").select("map_id").execute()).toHaveLength(1);
  });
});
