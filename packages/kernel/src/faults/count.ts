import type { FaultPage } from "@prunella/contract";
import { sql, type RawBuilder } from "kysely";
import type { Engine } from "../store/engine.ts";

const STATUSES = ["open", "resolved", "regressed", "muted"] as const;
/** Counting further would cost every page more, and says nothing more. */
const MOST_COUNTED = 100_000;

/** How many faults of each status fit. Without conditions each number is read from an index; with some, all that fit are read once. */
export async function countByStatus(
  db: Engine["reader"],
  conditions: readonly RawBuilder<boolean>[],
): Promise<FaultPage["counts"]> {
  const counts = { open: 0, resolved: 0, regressed: 0, muted: 0 };
  const all = STATUSES.map(
    (status) => sql`select ${sql.lit(status)} as status, count(*) as count from (
      select 1 from fault where merged_into is null and status = ${sql.lit(status)} limit ${MOST_COUNTED}) as counted`,
  );
  const fitting = sql`select status, count(*) as count from (
    select status from fault where merged_into is null and ${sql.join(conditions, sql` and `)} limit ${MOST_COUNTED}) as fitting
    group by status`;
  const { rows } = await sql<{ status: keyof typeof counts; count: number }>`${
    conditions.length === 0 ? sql.join(all, sql` union all `) : fitting
  }`.execute(db);
  for (const { status, count } of rows) counts[status] = Number(count);
  return counts;
}
