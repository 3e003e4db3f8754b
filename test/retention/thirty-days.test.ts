import { RetentionConfig } from "@prunella/contract";
import { createRetention, createWriter, type Engine } from "@prunella/kernel";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { createModel, DAY_S } from "../../bench/retention/model.ts";
import { addProject, createFiller, DELTAS, deltaOf } from "../../bench/retention/seed.ts";
import { ENGINES } from "../engines.ts";

const DAYS = 30;
const BEGIN = Math.floor(Date.UTC(2026, 0, 1) / 1_000);
const CONFIG = RetentionConfig.parse({
  counts_by_second: "1d",
  counts_by_hour: "8d",
  bodies: "5d",
  faults: "5d",
});
/** Releases and environments that a fault has on one day. */
const KEYS = 3;

const numberOf = async (engine: Engine, query: string): Promise<number> => {
  const { rows } = await sql.raw<{ n: number }>(query).execute(engine.reader);
  return Number(rows[0]?.n ?? 0);
};

describe.each(ENGINES)("thirty days on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("leave no more rows than days, hours and seconds that are kept, and every event counted", async () => {
    await using store = await open();
    const { engine } = store;
    const model = createModel({ days: DAYS, eventsPerDay: 600, faultsPerDay: 2, begin: BEGIN });
    const writer = createWriter(engine);
    await addProject(engine);
    const deltas = await createFiller(engine, "delta", DELTAS);
    let told = 0;
    for (let day = 0; day < DAYS; day += 1) {
      const now = (BEGIN + (day + 1) * DAY_S) * 1_000;
      for (const fault of model.activeOn(day)) {
        const rows = model.rowsOf(fault, day, 1);
        const count = rows.reduce((sum, row) => sum + row.count, 0);
        told += count;
        for (const row of rows) await deltas.add(deltaOf(fault, row));
        await keepBody(engine, fault.id, `last:${day % 5}`, now);
        await sql`insert into fault (project_id, fault_id, status, level, title, culprit, fingerprints, count, first_seen, last_seen, version, tidy_at)
          values ('default', ${fault.id}, 'open', 'error', '', '', '', ${count}, ${now}, ${now}, 1, ${now})
          on conflict (project_id, fault_id) do update set count = fault.count + excluded.count, last_seen = excluded.last_seen,
            tidy_at = coalesce(fault.tidy_at, excluded.tidy_at)`.execute(engine.writer);
      }
      await deltas.flush();
      for (const fault of model.faults.filter((each) => each.isResolved && each.last === day))
        await engine.writer.updateTable("fault").set({ status: "resolved" }).where("fault_id", "=", fault.id).execute();
      for (const { name, step } of createRetention(CONFIG))
        for (let steps = 0; await writer.run((tx) => step(tx, now)); steps += 1)
          if (steps > 5_000) throw new Error(`${name} does not end`);
    }
    await writer.close();

    const lost = await numberOf(
      engine,
      "select coalesce(sum(count), 0) as n from tally_hour where reason = 'retention.age.fault'",
    );
    expect(lost).toBeGreaterThan(0);
    expect((await numberOf(engine, "select sum(count) as n from delta")) + lost).toBe(told);
    const end = BEGIN + DAYS * DAY_S;
    const rowsBetween = (from: number, to: number) =>
      numberOf(
        engine,
        `select count(*) as n from delta where second >= ${end - to * DAY_S} and second < ${end - from * DAY_S}`,
      );
    const active = (from: number, to: number): number =>
      Array.from({ length: to - from }, (_, at) => model.activeOn(DAYS - 1 - from - at).length).reduce(
        (a, b) => a + b,
        0,
      );
    // A fault is looked at some hours after it is due at the latest.
    expect(await rowsBetween(10, DAYS)).toBeLessThanOrEqual(KEYS * active(10, DAYS));
    expect(await rowsBetween(3, 10)).toBeLessThanOrEqual(24 * KEYS * active(3, 10));
    expect(
      await numberOf(
        engine,
        `select count(*) as n from delta where second < ${end - 3 * DAY_S} and second % 3600 <> 0`,
      ),
    ).toBe(0);
    const faults = await numberOf(engine, "select count(*) as n from fault");
    expect(faults).toBeLessThan(model.faults.length);
    const old = await numberOf(
      engine,
      `select count(*) as n from event_sample where received_at < ${(end - 6 * DAY_S) * 1_000}`,
    );
    // Of each fault the newest alone: it has no first one and no releases here.
    expect(old).toBeLessThanOrEqual(faults);
    const bytes = await numberOf(engine, "select sum(bytes) as n from project_bytes");
    expect(bytes).toBeLessThan(250 * (await numberOf(engine, "select count(*) as n from delta")) + 5_000 * faults);
  }, 120_000);
});

const keepBody = (engine: Engine, faultId: string, slot: string, now: number) =>
  sql`insert into event_sample (project_id, fault_id, slot, event_id, received_at, bytes, body, redactions)
    values ('default', ${faultId}, ${slot}, ${"0".repeat(32)}, ${now}, 2, '{}', '{}')
    on conflict (project_id, fault_id, slot) do update set received_at = excluded.received_at`.execute(engine.writer);
