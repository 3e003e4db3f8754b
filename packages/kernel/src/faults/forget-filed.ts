import { sql } from "kysely";
import type { Tx } from "../store/engine.ts";

/**
 * Takes from what was filed about a fault, or about all of a project, what it said: what waits to be written is not,
 * and where it was filed stays. Returns how many rows had something.
 */
export async function forgetFiled(
  tx: Tx,
  { projectId, faultId = null, limit }: { projectId: string; faultId?: string | null; limit: number },
): Promise<number> {
  const of =
    faultId === null ? sql`f.project_id = ${projectId}` : sql`f.project_id = ${projectId} and f.fault_id = ${faultId}`;
  const { numAffectedRows: told } = await sql`delete from waiting_comment where (project_id, place, issue, marker) in
    (select c.project_id, c.place, c.issue, c.marker from waiting_comment c
      join filing f on f.project_id = c.project_id and f.place = c.place and f.number = c.issue
      where ${of} limit ${limit})`.execute(tx.db);
  const { numAffectedRows: named } = await sql`update filing set title = null, draft = null,
      refused = case when number is null and draft is not null then 'what it was about is gone' else refused end
    where filing_id in (select f.filing_id from filing f where ${of} and (f.title is not null or f.draft is not null)
      limit ${limit})`.execute(tx.db);
  return Number(told ?? 0n) + Number(named ?? 0n);
}
