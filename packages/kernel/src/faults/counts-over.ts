import type { TrendRange } from "@prunella/contract";
import { sql } from "kysely";
import type { Engine } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { memberIds } from "./merge.ts";

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

/**
 * Steps that people read, and no finer than counts are kept: by the second for a day at least, by the
 * hour for eight, then by the day.
 */
const RANGES: Readonly<Record<TrendRange, { readonly over: number; readonly step: number }>> = {
  "1h": { over: HOUR_S, step: MINUTE_S },
  "24h": { over: DAY_S, step: 15 * MINUTE_S },
  "7d": { over: 7 * DAY_S, step: HOUR_S },
  "30d": { over: 30 * DAY_S, step: DAY_S },
};

interface Counts {
  step_ms: number;
  counts: [number, number][];
}

export const countsOver = async (
  db: Engine["reader"],
  now: number,
  fault: Tables["fault"],
  range: TrendRange,
): Promise<Counts> => countsOfGroup(db, now, { projectId: fault.project_id, ids: await memberIds(db, fault) }, range);

export async function countsOfGroup(
  db: Engine["reader"],
  now: number,
  group: { readonly projectId: string; readonly ids: readonly string[] },
  range: TrendRange,
): Promise<Counts> {
  const { over, step } = RANGES[range];
  // The step that is under way is the last of them.
  const from = (Math.floor(now / 1_000 / step) + 1) * step - over;
  const bucket = sql<number>`second / ${sql.lit(step)}`;
  const rows = await db
    .selectFrom("delta")
    .select([bucket.as("bucket"), ({ fn }) => fn.sum<number>("count").as("count")])
    .where("project_id", "=", group.projectId)
    .where("fault_id", "in", group.ids)
    .where("second", ">=", from)
    .groupBy(bucket)
    .orderBy("bucket")
    .execute();
  return { step_ms: step * 1_000, counts: rows.map((row) => [row.bucket * step * 1_000, Number(row.count)]) };
}
