import { sql } from "kysely";
import { forgetFiled } from "../faults/forget-filed.ts";
import type { FaultOf } from "../intake/kept.ts";
import { tally } from "../ledger/tally.ts";
import { forgetFault } from "../search/facets.ts";
import type { Tx } from "../store/engine.ts";
import type { RetentionReason } from "./policy.ts";
import { takeDeltas } from "./take.ts";

const EVER = { from: 0, before: Number.MAX_SAFE_INTEGER };

/**
 * Takes at most `limit` rows of a fault away, and the fault itself once nothing else is left; those merged
 * into it go before it. Its fingerprints go first: an event that comes now opens a fault of its own, and
 * is not counted for one that is half gone. Ids in attempts, escalations and the ledger stay.
 */
export async function removeFault(
  tx: Tx,
  root: FaultOf,
  now: number,
  reason: RetentionReason,
  limit: number,
): Promise<void> {
  const of = { ...root, faultId: (await memberOf(tx, root)) ?? root.faultId };
  const { projectId, faultId } = of;
  const keys = await tx.db
    .selectFrom("fault_key")
    .select("fingerprint")
    .where("project_id", "=", projectId)
    .where("fault_id", "=", faultId)
    .limit(limit)
    .execute();
  for (const { fingerprint } of keys)
    await tx.db
      .deleteFrom("fault_key")
      .where("project_id", "=", projectId)
      .where("fingerprint", "=", fingerprint)
      .execute();
  if (keys.length === limit) return;
  if ((await takeDeltas(tx, of, EVER, limit)).length === limit) return;
  await tx.db.deleteFrom("event_sample").where("project_id", "=", projectId).where("fault_id", "=", faultId).execute();
  await tx.db.deleteFrom("fault_change").where("project_id", "=", projectId).where("fault_id", "=", faultId).execute();
  await forgetFault(tx, of);
  await forgetFiled(tx, { projectId, faultId, limit });
  const gone = await tx.db
    .deleteFrom("fault")
    .where("project_id", "=", projectId)
    .where("fault_id", "=", faultId)
    .returning("count")
    .executeTakeFirst();
  if (gone) await tally(tx, projectId, reason, now, gone.count);
}

async function memberOf(tx: Tx, { projectId, faultId }: FaultOf): Promise<string | null> {
  const { rows } = await sql<{ fault_id: string }>`select fault_id from fault
    where merged_into = ${faultId} and merged_into is not null and project_id = ${projectId} order by fault_id limit 1`.execute(
    tx.db,
  );
  return rows[0]?.fault_id ?? null;
}
