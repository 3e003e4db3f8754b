import { sql } from "kysely";
import { batch } from "../store/dialect.ts";
import type { Tx } from "../store/engine.ts";

export interface FaultOf {
  readonly projectId: string;
  readonly faultId: string;
}

/** Has the words of faults written anew, in a moment and in a unit of its own: whoever counts events does not wait. */
export async function markDue(tx: Tx, faults: readonly FaultOf[]): Promise<void> {
  if (faults.length === 0) return;
  const cells = faults
    .map(({ projectId, faultId }) => [projectId, faultId])
    .toSorted((a, b) => (`${a[0]} ${a[1]}` < `${b[0]} ${b[1]}` ? -1 : 1));
  await sql`insert into search_due (project_id, fault_id)
    select project_id, fault_id from ${batch(tx.kind, { project_id: "text", fault_id: "text" }, cells)} as given where true on conflict do nothing`.execute(
    tx.db,
  );
}

/**
 * Whether a fault's kept bodies tell enough that is new: its first event, and then whenever their number has
 * doubled. So a storm costs a few writings and not one for each body.
 */
export const hasDoubled = (before: number, after: number): boolean =>
  before === 0 || Math.floor(Math.log2(after)) > Math.floor(Math.log2(before));
