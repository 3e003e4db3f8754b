import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import type { Engine } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { createWriter } from "../store/writer.ts";
import { faultsDue } from "./faults-due.ts";
import { DAY_S, HOUR_S } from "./fold.ts";
import { aDelta, addProjectRow, aFault, countedAnew, DAY_MS, policyWith, untilDone } from "./retention-fixture.ts";
import { bytesOf } from "./project-cap.ts";

type Delta = Tables["delta"];

const POLICY = policyWith({ counts_by_second_ms: DAY_MS, counts_by_hour_ms: 8 * DAY_MS });
const NOW = Date.UTC(2026, 10, 21, 8, 17, 3);
const OLDEST = Math.floor(NOW / 1_000) - 20 * DAY_S;

/** Close together, so that hours and days hold several, and edges of both are met. */
const second = fc.oneof(
  fc.integer({ min: 0, max: 20 * DAY_S }).map((after) => OLDEST + after),
  fc.integer({ min: 0, max: 19 }).map((day) => OLDEST - (OLDEST % DAY_S) + day * DAY_S),
  fc.integer({ min: 0, max: 5_000 }).map((after) => OLDEST + 5 * DAY_S + after),
);
const delta = fc.record({
  fault: fc.constantFrom("a", "b"),
  second,
  release: fc.constantFrom("", "1.0"),
  environment: fc.constantFrom("", "production"),
  trust: fc.constantFrom("public" as const, "local" as const),
  target: fc.constantFrom("", "program:shop"),
  count: fc.integer({ min: 1, max: 9 }),
});

/** Everything that is shown of a fault's counts, over whole units of the resolution that its age has. */
function shown(deltas: readonly Delta[]): Record<string, string> {
  const sums = new Map<string, { count: number; first: number; last: number }>();
  const daysBefore = Math.floor((NOW / 1_000 - 8 * DAY_S) / DAY_S) * DAY_S;
  for (const row of deltas) {
    const unit = row.second < daysBefore ? DAY_S : HOUR_S;
    const places = [
      `all ${row.fault_id}`,
      `span ${row.fault_id} ${row.second - (row.second % unit)}`,
      `release ${row.fault_id} ${row.release}`,
      `environment ${row.fault_id} ${row.environment}`,
      `trust ${row.fault_id} ${row.trust}`,
      `target ${row.target} ${row.trust} ${row.second - (row.second % unit)}`,
    ];
    for (const place of places) {
      const sum = sums.get(place) ?? { count: 0, first: Infinity, last: 0 };
      sums.set(place, {
        count: sum.count + row.count,
        first: Math.min(sum.first, row.first_at),
        last: Math.max(sum.last, row.last_at),
      });
    }
  }
  return Object.fromEntries([...sums].map(([place, sum]) => [place, JSON.stringify(sum)]));
}

const deltasOf = (engine: Engine): Promise<Delta[]> => engine.reader.selectFrom("delta").selectAll().execute();

describe.each(ENGINES)("folding on $name", ({ name, open, isMissing }) => {
  const test = it.skipIf(isMissing);
  const numRuns = name === "sqlite" ? 60 : 15;

  test("changes no count, first or last over whole hours and days, in steps of any size, also when it stops halfway", async () => {
    await using store = await open();
    const { engine } = store;
    await addProjectRow(engine);
    const writer = createWriter(engine);
    const property = fc.asyncProperty(
      fc.uniqueArray(delta, {
        minLength: 20,
        maxLength: 60,
        selector: (d) => [d.fault, d.second, d.release, d.environment, d.trust, d.target].join(" "),
      }),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 0, max: 6 }),
      async (given, limit, before) => {
        for (const table of ["delta", "fault"] as const) await engine.writer.deleteFrom(table).execute();
        for (const fault of ["a", "b"]) await engine.writer.insertInto("fault").values(aFault(fault)).execute();
        for (const { fault, second, ...rest } of given)
          await engine.writer
            .insertInto("delta")
            .values(aDelta(fault, second, rest))
            .execute();
        const was = shown(await deltasOf(engine));
        const { step } = faultsDue(POLICY, limit);
        // A day earlier some of it, so that what is folded to hours is folded again.
        for (let at = 0; at < before; at += 1) await writer.run((tx) => step(tx, NOW - DAY_MS));
        expect(shown(await deltasOf(engine))).toEqual(was);
        await engine.writer.updateTable("fault").set({ tidy_at: 0 }).execute();
        await untilDone(writer, faultsDue(POLICY, limit), NOW);
        const after = await deltasOf(engine);
        expect(shown(after)).toEqual(was);
        const daysBefore = Math.floor((NOW / 1_000 - 8 * DAY_S) / DAY_S) * DAY_S;
        const hoursBefore = Math.floor((NOW / 1_000 - DAY_S) / HOUR_S) * HOUR_S;
        const misplaced = after.filter(
          (row) =>
            (row.second < daysBefore && row.second % DAY_S !== 0) ||
            (row.second < hoursBefore && row.second % HOUR_S !== 0),
        );
        expect(misplaced).toEqual([]);
        expect(await bytesOf(engine.reader, "default")).toBe(await countedAnew(engine, "default"));
      },
    );
    await fc.assert(property, { numRuns });
    await writer.close();
  }, 120_000);

  test("goes on where one second has more rows than a step may take", async () => {
    await using store = await open();
    const { engine } = store;
    await addProjectRow(engine);
    const writer = createWriter(engine);
    await engine.writer.insertInto("fault").values(aFault("a")).execute();
    // The first second of a day, of an hour, and of neither.
    for (const second of [
      OLDEST - (OLDEST % DAY_S),
      OLDEST - (OLDEST % HOUR_S) + HOUR_S,
      OLDEST - (OLDEST % HOUR_S) + 7_201,
    ])
      for (let at = 0; at < 20; at += 1)
        await engine.writer
          .insertInto("delta")
          .values(aDelta("a", second, { release: `r${at}` }))
          .execute();
    await untilDone(writer, faultsDue(POLICY, 3), NOW, 200);
    const rows = await deltasOf(engine);
    expect(rows.length).toBe(20);
    expect(rows.every((row) => row.count === 3 && row.second % DAY_S === 0)).toBe(true);
    await writer.close();
  });

  test("looks again when the next row has its age, and not before", async () => {
    await using store = await open();
    const { engine } = store;
    await addProjectRow(engine);
    const writer = createWriter(engine);
    await engine.writer.insertInto("fault").values(aFault("a")).execute();
    await engine.writer
      .insertInto("delta")
      .values(aDelta("a", Math.floor(NOW / 1_000)))
      .execute();
    await untilDone(writer, faultsDue(POLICY), NOW);
    const next = await engine.reader.selectFrom("fault").select("tidy_at").executeTakeFirst();
    expect(next?.tidy_at).toBeGreaterThanOrEqual(NOW + DAY_MS);
    await untilDone(writer, faultsDue(POLICY), NOW + 30 * DAY_MS);
    const last = await engine.reader.selectFrom("fault").select("tidy_at").executeTakeFirst();
    expect(last?.tidy_at).toBe(null);
    await writer.close();
  });
});
