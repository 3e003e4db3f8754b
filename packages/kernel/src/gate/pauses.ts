import { Actor, PrunellaError, type Pause } from "@prunella/contract";
import type { NewId } from "../ids.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import type { Engine, Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";

type Row = Tables["pause"];

export interface NewPause {
  readonly projectId: string;
  /** null: the whole project. */
  readonly triggerId: string | null;
  /** Names it: of one name there is one at a time. */
  readonly reason: string;
  readonly until: number | null;
}

/** Adds a reason to stand still. One that stands already is that one; one whose time is over makes room. */
export async function addPause(
  tx: Tx,
  given: NewPause & { readonly now: number; readonly newId: NewId; readonly by: Actor },
): Promise<Pause> {
  const { now, projectId, triggerId, reason, until, by } = given;
  if (until !== null && until <= now)
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "The pause would be over before it begins." });
  await lockHead(tx);
  await assertThere(tx, projectId, triggerId);
  const standing = await tx.db
    .selectFrom("pause")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("trigger_id", "=", triggerId ?? "")
    .where("reason", "=", reason)
    .where("lifted_at", "is", null)
    .executeTakeFirst();
  if (standing && isInForce(standing, now)) return toPause(standing);
  if (standing) await close(tx, standing, now);
  const pauseId = given.newId();
  const auditLogId = await appendLedger(tx, {
    v: 1,
    at: now,
    type: "pause_changed",
    project: projectId,
    pause: pauseId,
    trigger: triggerId,
    change: "added",
    until,
    by,
  });
  const row: Row = {
    project_id: projectId,
    pause_id: pauseId,
    trigger_id: triggerId ?? "",
    reason,
    owner: JSON.stringify(by),
    since: now,
    until_at: until,
    lifted_at: null,
    audit_log_id: auditLogId,
  };
  await tx.db.insertInto("pause").values(row).execute();
  return toPause(row);
}

/** Lifts this one; the others stay. */
export async function liftPause(tx: Tx, now: number, pauseId: string, by: Actor): Promise<Pause> {
  await lockHead(tx);
  const row = await tx.db.selectFrom("pause").selectAll().where("pause_id", "=", pauseId).executeTakeFirst();
  if (!row) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such pause." });
  if (!isInForce(row, now))
    throw new PrunellaError("PRUNELLA_CONFLICT", { detail: `The pause "${row.reason}" is over already.` });
  await close(tx, row, now);
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "pause_changed",
    project: row.project_id,
    pause: pauseId,
    trigger: row.trigger_id === "" ? null : row.trigger_id,
    change: "lifted",
    until: row.until_at,
    by,
  });
  return toPause(row);
}

async function close(tx: Tx, row: Row, now: number): Promise<void> {
  await tx.db
    .updateTable("pause")
    .set({ lifted_at: now })
    .where("project_id", "=", row.project_id)
    .where("pause_id", "=", row.pause_id)
    .execute();
}

/** Those in force now; `sees`: only of these projects, null: of all. */
export async function listPauses(
  db: Engine["reader"],
  now: number,
  given: { readonly project?: string | undefined; readonly sees?: readonly string[] | null } = {},
): Promise<Pause[]> {
  let query = db
    .selectFrom("pause")
    .selectAll()
    .where("lifted_at", "is", null)
    .where(({ or, eb }) => or([eb("until_at", "is", null), eb("until_at", ">", now)]));
  if (given.project !== undefined) query = query.where("project_id", "=", given.project);
  if (given.sees) query = query.where("project_id", "in", given.sees);
  const found = await query.orderBy("project_id").orderBy("trigger_id").orderBy("reason").limit(500).execute();
  return found.map(toPause);
}

async function assertThere(tx: Tx, projectId: string, triggerId: string | null): Promise<void> {
  const project = await tx.db
    .selectFrom("project")
    .select("project_id")
    .where("project_id", "=", projectId)
    .where("deletes_at", "is", null)
    .executeTakeFirst();
  if (!project) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: `There is no project ${projectId}.` });
  if (triggerId === null) return;
  const trigger = await tx.db
    .selectFrom("self_heal_triggers")
    .select("trigger_id")
    .where("project_id", "=", projectId)
    .where("trigger_id", "=", triggerId)
    .executeTakeFirst();
  if (!trigger)
    throw new PrunellaError("PRUNELLA_NOT_FOUND", {
      detail: `There is no trigger ${triggerId} in the project ${projectId}.`,
      hint: "List them: prunella triggers",
    });
}

const isInForce = (row: Row, now: number): boolean =>
  row.lifted_at === null && (row.until_at === null || row.until_at > now);

const toPause = (row: Row): Pause => ({
  id: row.pause_id,
  project_id: row.project_id,
  trigger_id: row.trigger_id === "" ? null : row.trigger_id,
  reason: row.reason,
  owner: Actor.parse(JSON.parse(row.owner)),
  since: row.since,
  until: row.until_at,
  audit_log_id: row.audit_log_id,
});
