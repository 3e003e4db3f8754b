import { sql } from "kysely";
import { appendLedger } from "./append.ts";
import type { Duty } from "../nodes/housekeeping.ts";
import type { Tx } from "../store/engine.ts";

export const HOUR_MS = 3_600_000;

/** Adds to the hourly sum of a reason; returns when that hour began. */
export async function tally(tx: Tx, projectId: string, reason: string, now: number, count = 1): Promise<number> {
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  await sql`
    insert into tally_hour (project_id, reason, hour, count) values (${projectId}, ${reason}, ${hour}, ${count})
    on conflict (project_id, reason, hour) do update set count = tally_hour.count + excluded.count`.execute(tx.db);
  return hour;
}

/** Turns the sums of past hours into one ledger entry each, and lets the rows go. */
async function summarise(tx: Tx, now: number): Promise<void> {
  const thisHour = Math.floor(now / HOUR_MS) * HOUR_MS;
  const rows = await tx.db.deleteFrom("tally_hour").where("hour", "<", thisHour).returningAll().execute();
  const past = rows.toSorted(
    (a, b) => a.hour - b.hour || (`${a.project_id} ${a.reason}` < `${b.project_id} ${b.reason}` ? -1 : 1),
  );
  for (const row of past) {
    await appendLedger(tx, {
      v: 1,
      at: now,
      type: "summary",
      project: row.project_id === "*" ? null : row.project_id,
      hour: row.hour,
      reason: row.reason,
      count: row.count,
    });
  }
}

export const pastHours: Duty = { name: "past_hours", run: (tx, now) => summarise(tx, now) };
