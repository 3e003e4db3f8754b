import { sql } from "kysely";
import { appendLedger } from "../ledger/append.ts";
import type { Tx } from "./engine.ts";

export const HOUR_MS = 3_600_000;

/** Adds to the hourly sum of a reason; `auditLogId` is the ledger entry of the hour's first, if it has one. */
export async function tally(
  tx: Tx,
  projectId: string,
  reason: string,
  now: number,
  count = 1,
): Promise<{ hour: number; auditLogId: number | null }> {
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  const { rows } = await sql<{ audit_log_id: number | null }>`
    insert into tally_hour (project_id, reason, hour, count, audit_log_id) values (${projectId}, ${reason}, ${hour}, ${count}, null)
    on conflict (project_id, reason, hour) do update set count = tally_hour.count + excluded.count returning audit_log_id`.execute(
    tx.db,
  );
  return { hour, auditLogId: rows[0]?.audit_log_id ?? null };
}

/** Turns the sums of past hours into one ledger entry each, and lets the rows go. */
export async function summarise(tx: Tx, now: number): Promise<number> {
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
  return past.length;
}
