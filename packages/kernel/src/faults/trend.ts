import { sql, type RawBuilder } from "kysely";
import { larger, smaller } from "../store/dialect.ts";
import type { EngineKind } from "../store/engine.ts";

/**
 * How much a fault is seen lately: its events, each of which counts half as much for every twelve hours that
 * have passed since. Kept as a logarithm that grows with the moment of an event instead of shrinking with age,
 * so that it orders faults at any later moment without being touched: `ln(sum of e^(at / AGE_MS))`.
 */
const AGE_MS = (12 * 3_600_000) / Math.LN2;

export function trendOf(count: RawBuilder<unknown>, at: RawBuilder<unknown>): RawBuilder<number> {
  return sql`(ln(cast(${count} as double precision)) + cast(${at} as double precision) / ${sql.lit(AGE_MS)})`;
}

/** Of two together. PostgreSQL takes no exponent whose power is too small for a number. */
export function sumTrends(kind: EngineKind, a: RawBuilder<unknown>, b: RawBuilder<unknown>): RawBuilder<number> {
  const apart = smaller(kind, sql`abs(${a} - ${b})`, sql`700`);
  return sql`(${larger(kind, a, b)} + ln(1 + exp(-${apart})))`;
}

/** Of all deltas of some faults; null when they have none. */
export async function readTrend(
  tx: { kind: EngineKind; db: Parameters<RawBuilder<unknown>["execute"]>[0] },
  projectId: string,
  ids: readonly string[],
  last: number,
): Promise<number | null> {
  const age = sql`cast(last_at - ${last} as double precision) / ${sql.lit(AGE_MS)}`;
  const { rows } = await sql<{
    sum: number | null;
  }>`select sum(count * exp(${larger(tx.kind, age, sql`-700`)})) as sum from delta
    where project_id = ${projectId} and fault_id in (${sql.join(ids)})`.execute(tx.db);
  const sum = Number(rows[0]?.sum ?? 0);
  return sum > 0 ? Math.log(sum) + last / AGE_MS : null;
}
