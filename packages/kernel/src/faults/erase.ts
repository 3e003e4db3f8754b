import { PrunellaError, type Actor } from "@prunella/contract";
import { sql } from "kysely";
import { appendLedger } from "../ledger/append.ts";
import { forgetFault } from "../search/facets.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { forgetFiled } from "./forget-filed.ts";

/**
 * The fault that a fingerprint stands for: 32 hex digits as Prunella shows them, or the 64 of a
 * crash report, of which the first 32 are the key.
 */
export async function faultOfFingerprint(db: Engine["reader"], typed: string): Promise<string> {
  const fingerprint = typed.toLowerCase().slice(0, 32);
  const row = await db
    .selectFrom("fault_key")
    .select("fault_id")
    .where("fingerprint", "=", fingerprint)
    .orderBy("project_id")
    .executeTakeFirst();
  if (!row) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no fault with this fingerprint." });
  return row.fault_id;
}

/** One fault has an issue in a few places. */
const EVERY = 1_000;
/** Tables that hold something of a fault's content or of who sent it. */
const CONTENT = ["event_sample", "delta", "digest_queue", "fault_key", "fault_change", "fault"] as const;

/**
 * Deletes what is kept of a fault: bodies, counts, fingerprints, event ids, title, what waits to be written of it. What
 * stays is ids: attempts, escalations, where it was filed, and one ledger entry that says that it happened. Returns the
 * number of events that were counted.
 */
export async function eraseFault(tx: Tx, now: number, faultId: string, by: Actor): Promise<number> {
  const fault = await tx.db
    .selectFrom("fault")
    .select(["project_id", "count"])
    .where("fault_id", "=", faultId)
    .executeTakeFirst();
  if (!fault) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such fault." });
  if (await isMerged(tx, fault.project_id, faultId)) {
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail: "Faults were merged here; take them apart first, so that it is clear what goes.",
    });
  }
  const idBytes = Buffer.from(faultId.replaceAll("-", ""), "hex");
  await sql`delete from event_seen where project_id = ${fault.project_id} and fault_id = ${idBytes}`.execute(tx.db);
  for (const table of CONTENT) {
    await tx.db.deleteFrom(table).where("project_id", "=", fault.project_id).where("fault_id", "=", faultId).execute();
  }
  await forgetFault(tx, { projectId: fault.project_id, faultId });
  await forgetFiled(tx, { projectId: fault.project_id, faultId, limit: EVERY });
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "fault_erased",
    project: fault.project_id,
    fault: faultId,
    events: fault.count,
    by,
  });
  return fault.count;
}

async function isMerged(tx: Tx, projectId: string, faultId: string): Promise<boolean> {
  const row = await tx.db
    .selectFrom("fault")
    .select("fault_id")
    .where("project_id", "=", projectId)
    .where((where) =>
      where.or([
        where("merged_into", "=", faultId),
        where.and([where("fault_id", "=", faultId), where("merged_into", "is not", null)]),
      ]),
    )
    .executeTakeFirst();
  return row !== undefined;
}
