import { PrunellaError, type Actor } from "@prunella/contract";
import { sql } from "kysely";
import { appendLedger } from "../ledger/append.ts";
import type { Engine, Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { recountUsers } from "./seen-with.ts";
import { readTrend } from "./trend.ts";

type FaultRow = Tables["fault"];

/**
 * Says that two faults are one. Events go on being counted where their fingerprint leads, so that
 * taking them apart again gives each exactly what is its own; only what people see is summed.
 */
export async function mergeFaults(tx: Tx, now: number, intoId: string, faultId: string, by: Actor): Promise<string> {
  const into = await readRow(tx, intoId);
  const fault = await readRow(tx, faultId);
  const refuse = (detail: string) => new PrunellaError("PRUNELLA_CONFLICT", { detail });
  if (into.fault_id === fault.fault_id) throw refuse("A fault cannot be merged into itself.");
  if (into.project_id !== fault.project_id) throw refuse("They belong to different projects.");
  if (into.merged_into !== null) throw refuse("That fault has been merged into another itself; merge into that one.");
  if (fault.merged_into !== null) throw refuse("This fault has been merged already; take it out first.");
  await tx.db
    .updateTable("fault")
    .set(({ eb }) => ({ merged_into: into.fault_id, version: eb("version", "+", 1) }))
    .where("project_id", "=", fault.project_id)
    .where((where) => where.or([where("fault_id", "=", fault.fault_id), where("merged_into", "=", fault.fault_id)]))
    .execute();
  await sumUp(tx, fault);
  await sumUp(tx, into);
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "fault_merged",
    project: fault.project_id,
    fault: fault.fault_id,
    into: into.fault_id,
    by,
  });
  return into.fault_id;
}

/** Takes a merged fault out again; returns what it was merged into. */
export async function unmergeFault(tx: Tx, now: number, faultId: string, by: Actor): Promise<string> {
  const fault = await readRow(tx, faultId);
  if (fault.merged_into === null)
    throw new PrunellaError("PRUNELLA_CONFLICT", { detail: "This fault has not been merged into another." });
  const into = await readRow(tx, fault.merged_into);
  await tx.db
    .updateTable("fault")
    .set(({ eb }) => ({ merged_into: null, version: eb("version", "+", 1) }))
    .where("project_id", "=", fault.project_id)
    .where("fault_id", "=", fault.fault_id)
    .execute();
  await sumUp(tx, into);
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "fault_merged",
    project: fault.project_id,
    fault: fault.fault_id,
    into: null,
    by,
  });
  return into.fault_id;
}

/** The ids whose events a person sees as this fault: its own and those merged into it. */
export async function memberIds(
  db: Engine["reader"],
  fault: Pick<FaultRow, "project_id" | "fault_id">,
): Promise<string[]> {
  const rows = await db
    .selectFrom("fault")
    .select("fault_id")
    .where("project_id", "=", fault.project_id)
    .where("merged_into", "=", fault.fault_id)
    .orderBy("fault_id")
    .execute();
  return [fault.fault_id, ...rows.map((row) => row.fault_id)];
}

/** Makes a fault's sums and times what its own deltas and its members' say. */
async function sumUp(tx: Tx, { project_id, fault_id }: FaultRow): Promise<void> {
  const ids = await memberIds(tx.db, { project_id, fault_id });
  const merged = await tx.db
    .selectFrom("fault")
    .select(({ fn }) => fn.sum<number>("count").as("count"))
    .where("project_id", "=", project_id)
    .where("merged_into", "=", fault_id)
    .executeTakeFirst();
  const times = await tx.db
    .selectFrom("delta")
    .select(({ fn }) => [fn.min("first_at").as("first"), fn.max("last_at").as("last")])
    .where("project_id", "=", project_id)
    .where("fault_id", "in", ids)
    .executeTakeFirst();
  const last = Number(times?.last ?? 0);
  const trend = await readTrend(tx, project_id, ids, last);
  await recountUsers(tx, project_id, fault_id);
  await tx.db
    .updateTable("fault")
    .set(({ eb }) => ({
      ...(trend === null ? {} : { trend }),
      merged_count: Number(merged?.count ?? 0),
      first_seen: Number(times?.first ?? sql`first_seen`),
      last_seen: Number(times?.last ?? sql`last_seen`),
      version: eb("version", "+", 1),
    }))
    .where("project_id", "=", project_id)
    .where("fault_id", "=", fault_id)
    .execute();
}

async function readRow(tx: Tx, faultId: string): Promise<FaultRow> {
  const row = await tx.db.selectFrom("fault").selectAll().where("fault_id", "=", faultId).executeTakeFirst();
  if (!row) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such fault." });
  return row;
}
