import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import type { Engine } from "../store/engine.ts";
import { createWriter } from "../store/writer.ts";
import { bytesOf, projectCap } from "./project-cap.ts";
import {
  aBody,
  aDelta,
  addProjectRow,
  aFault,
  countedAnew,
  DAY_MS,
  policyWith,
  untilDone,
} from "./retention-fixture.ts";

const NOW = Date.UTC(2026, 10, 21, 8);
const ALL = { status: "all", limit: 50 } as const;
const MIB = 1_048_576;
const PARTS = ["first:0", "first:1", "release:a", "release:b", "last:0", "last:1"] as const;

/** Two faults of each status with bodies of 100 kB, folded counts, counts of the last days, and of the last hours. */
async function fill(engine: Engine): Promise<void> {
  await addProjectRow(engine);
  for (const status of ["open", "resolved"] as const)
    for (const at of [1, 2]) {
      const id = `${status}-${at}`;
      await engine.writer
        .insertInto("fault")
        .values(aFault(id, { status, tidy_at: null, hours_to: NOW / 1_000 - 172_800 }))
        .execute();
      for (const [nth, slot] of PARTS.entries())
        await engine.writer
          .insertInto("event_sample")
          .values(aBody(id, slot, NOW - 10_000 + nth, "x".repeat(100_000)))
          .execute();
      for (const [days, count] of [
        [40, 5],
        [1.5, 3],
        [0.1, 1],
      ] as const)
        await engine.writer
          .insertInto("delta")
          .values(aDelta(id, Math.floor((NOW - days * DAY_MS) / 1_000), { count, release: "a" }))
          .execute();
    }
}

/** What is left, in few words. */
async function left(engine: Engine): Promise<Record<string, string>> {
  const faults = await engine.reader.selectFrom("fault").select("fault_id").orderBy("fault_id").execute();
  const bodies = await engine.reader.selectFrom("event_sample").select(["fault_id", "slot"]).orderBy("slot").execute();
  const deltas = await engine.reader
    .selectFrom("delta")
    .select(["fault_id", "count", "second"])
    .orderBy("second")
    .execute();
  return Object.fromEntries(
    faults.map(({ fault_id }) => [
      fault_id,
      [
        ...bodies.filter((row) => row.fault_id === fault_id).map((row) => row.slot),
        ...deltas
          .filter((row) => row.fault_id === fault_id)
          .map((row) => (row.second === 0 ? `(${row.count})` : row.count)),
      ].join(" "),
    ]),
  );
}

describe.each(ENGINES)("the cap of a project on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("is a sum that the database keeps, whatever changes", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    for (let at = 0; at < 12; at += 1) {
      clock.advance(700);
      await kernel.report("default", [
        anEvent({ release: `r${at}`, target: "program:shop" }),
        anEvent({ message: `other ${at % 3}`, errors: [] }),
      ]);
      await kernel.settle();
    }
    const map = { version: 3, sources: ["a.ts"], sourcesContent: [null], names: [], mappings: "AAAA" };
    for (let at = 0; at < 2; at += 1)
      await kernel.sourceMaps.add({ project: "default", release: "1", file: "a.js", map });
    const check = async () =>
      expect(await bytesOf(store.engine.reader, "default")).toBe(await countedAnew(store.engine, "default"));
    expect(await bytesOf(store.engine.reader, "default")).toBeGreaterThan(10_000);
    await check();
    const [fault] = (await kernel.faults.list(ALL)).faults;
    await kernel.faults.erase(fault?.id ?? "");
    await check();
  });

  test("takes the least telling first, and the first and last bodies of open faults last", async () => {
    const seen: string[] = [];
    await using store = await open();
    const { engine } = store;
    await fill(engine);
    const writer = createWriter(engine);
    // A step at a time, each with a cap that is just not kept, down to nothing.
    for (let at = 0; at < 100; at += 1) {
      const before = await left(engine);
      const bytes = await bytesOf(engine.reader, "default");
      const step = projectCap((projectId) => ({ ...policyWith()(projectId), project_bytes: bytes - 1 }));
      if (!(await writer.run((tx) => step.step(tx, NOW)))) break;
      const after = await left(engine);
      for (const [id, what] of Object.entries(before))
        if (after[id] !== what) seen.push(`${id}: ${after[id] ?? "gone"}`);
    }
    const thin = "first:0 last:1 release:a release:b";
    expect(seen).toEqual([
      `resolved-1: ${thin} 5 3 1`,
      `resolved-2: ${thin} 5 3 1`,
      `open-1: ${thin} 5 3 1`,
      `open-2: ${thin} 5 3 1`,
      `resolved-1: ${thin} (5) 3 1`,
      `resolved-2: ${thin} (5) 3 1`,
      "resolved-1: gone",
      "resolved-2: gone",
      `open-1: ${thin} (5) 3 1`,
      `open-2: ${thin} (5) 3 1`,
      "open-1: first:0 last:1 (5) 3 1",
      "open-2: first:0 last:1 (5) 3 1",
      "open-1: first:0 last:1 (8) 1",
      "open-2: first:0 last:1 (8) 1",
      "open-1: (8) 1",
      "open-2: (8) 1",
    ]);
    const losses = await engine.reader.selectFrom("tally_hour").select(["reason", "count"]).orderBy("reason").execute();
    expect(losses).toEqual([
      { reason: "retention.cap.bodies", count: 16 },
      { reason: "retention.cap.counts", count: 26 },
      { reason: "retention.cap.fault", count: 2 },
    ]);
    await writer.close();
  });

  test("stops as soon as there is room, in steps of a few rows, and leaves other projects alone", async () => {
    await using store = await open();
    const { engine } = store;
    await fill(engine);
    await addProjectRow(engine, "other");
    await engine.writer
      .insertInto("event_sample")
      .values({ ...aBody("x", "last:0", 1, "x".repeat(2 * MIB)), project_id: "other" })
      .execute();
    const writer = createWriter(engine);
    const config = { project_bytes: 2 * MIB, projects: [{ project: "other", project_bytes: 9 * MIB }] };
    await untilDone(writer, projectCap(policyWith(config), 2), NOW);
    const bytes = await bytesOf(engine.reader, "default");
    expect(bytes).toBeLessThanOrEqual(2 * MIB);
    expect(bytes).toBeGreaterThan(1.7 * MIB);
    expect(bytes).toBe(await countedAnew(engine, "default"));
    expect(await bytesOf(engine.reader, "other")).toBeGreaterThan(2 * MIB);
    await writer.close();
  });
});
