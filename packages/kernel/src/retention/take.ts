import { sql } from "kysely";
import type { FaultOf } from "../intake/kept.ts";
import type { Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";

export type Delta = Tables["delta"];

/** Seconds: from the first on, and before the second. */
export interface Span {
  readonly from: number;
  readonly before: number;
}

/** Takes at most `limit` deltas of a span out of a fault, in the order of their key. */
export async function takeDeltas(
  tx: Tx,
  { projectId, faultId }: FaultOf,
  { from, before }: Span,
  limit: number,
): Promise<Delta[]> {
  const of = sql`project_id = ${projectId} and fault_id = ${faultId} and second >= ${from} and second < ${before}`;
  const { rows: over } = await sql<Delta>`select * from delta where ${of}
    order by second, release, environment, level, source, trust, target, origin limit 1 offset ${limit}`.execute(tx.db);
  const [next] = over;
  // Up to the row that would be one too many: a fault may have any number of rows in one second.
  const upTo = next
    ? sql`and (second, release, environment, level, source, trust, target, origin) <
        (${next.second}, ${next.release}, ${next.environment}, ${next.level}, ${next.source}, ${next.trust}, ${next.target}, ${next.origin})`
    : sql``;
  const { rows } = await sql<Delta>`delete from delta where ${of} ${upTo} returning *`.execute(tx.db);
  return rows;
}
