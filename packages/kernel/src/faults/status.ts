import { PrunellaError, type Actor, type Fault } from "@prunella/contract";
import { appendLedger } from "../ledger/append.ts";
import type { Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";

/** What a person may say about a fault: `reopen` undoes the other two. */
export type FaultAction = "resolve" | "mute" | "reopen";

const STATUS = { resolve: "resolved", mute: "muted", reopen: "open" } as const;

export async function changeStatus(
  tx: Tx,
  now: number,
  faultId: string,
  action: FaultAction,
  by: Actor,
): Promise<Fault> {
  const status = STATUS[action];
  const row = await tx.db
    .updateTable("fault")
    .set(({ eb }) => ({ status, resolved_at: status === "resolved" ? now : null, version: eb("version", "+", 1) }))
    .where("fault_id", "=", faultId)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such fault." });
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "fault_status",
    project: row.project_id,
    fault: faultId,
    status,
    by,
  });
  return toFault(row);
}

export function toFault(row: Tables["fault"]): Fault {
  const { project_id, status, level, title, culprit, first_seen, last_seen, resolved_at, merged_into, version } = row;
  return {
    id: row.fault_id,
    project_id,
    status,
    level,
    title,
    culprit,
    count: row.count + row.merged_count,
    first_seen,
    last_seen,
    resolved_at,
    merged_into,
    version,
  };
}
