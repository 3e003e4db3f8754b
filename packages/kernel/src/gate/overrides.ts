import { Actor, PrunellaError, type Override } from "@prunella/contract";
import type { NewId } from "../ids.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";

/** A person widens a trigger's own budgets by so many attempts, until then. What a project or all share stays as it is. */
export async function addOverride(
  tx: Tx,
  given: {
    readonly now: number;
    readonly newId: NewId;
    readonly projectId: string;
    readonly triggerId: string;
    readonly extra: number;
    readonly expiresAt: number;
    readonly reason: string;
    readonly by: Actor;
  },
): Promise<Override> {
  const { now, projectId, triggerId, extra, expiresAt, reason, by } = given;
  if (by.kind !== "person")
    throw new PrunellaError("PRUNELLA_ROLE_REQUIRED", { detail: "Only a person widens a budget." });
  await lockHead(tx);
  const [trigger] = await rows(tx.db)`select 1 from self_heal_triggers
    where project_id = ${projectId} and trigger_id = ${triggerId}`;
  if (!trigger)
    throw new PrunellaError("PRUNELLA_NOT_FOUND", {
      detail: `There is no trigger ${triggerId} in the project ${projectId}.`,
      hint: "List them: prunella triggers",
    });
  const overrideId = given.newId();
  const auditLogId = await appendLedger(tx, {
    v: 1,
    at: now,
    type: "budget_overridden",
    project: projectId,
    trigger: triggerId,
    extra,
    expires_at: expiresAt,
    by,
  });
  await tx.db
    .insertInto("budget_override")
    .values({
      project_id: projectId,
      override_id: overrideId,
      trigger_id: triggerId,
      extra,
      taken: 0,
      reason,
      by_actor: JSON.stringify(by),
      created_at: now,
      expires_at: expiresAt,
      audit_log_id: auditLogId,
    })
    .execute();
  return {
    id: overrideId,
    project_id: projectId,
    trigger_id: triggerId,
    extra,
    taken: 0,
    reason,
    by,
    created_at: now,
    expires_at: expiresAt,
    audit_log_id: auditLogId,
  };
}

/** Those that still allow something; `sees`: only of these projects, null: of all. */
export async function listOverrides(
  db: Engine["reader"],
  now: number,
  given: { readonly project?: string | undefined; readonly sees?: readonly string[] | null } = {},
): Promise<Override[]> {
  let query = db
    .selectFrom("budget_override")
    .selectAll()
    .where("expires_at", ">", now)
    .where(({ eb, ref }) => eb("taken", "<", ref("extra")));
  if (given.project !== undefined) query = query.where("project_id", "=", given.project);
  if (given.sees) query = query.where("project_id", "in", given.sees);
  const found = await query.orderBy("project_id").orderBy("trigger_id").orderBy("expires_at").limit(500).execute();
  return found.map(({ override_id, by_actor, ...row }) => ({
    ...row,
    id: override_id,
    by: Actor.parse(JSON.parse(by_actor)),
  }));
}

/** One of it is used up, in the unit of the intent that names it. */
export async function takeOverride(tx: Tx, projectId: string, overrideId: string): Promise<void> {
  const taken = await rows(tx.db)`update budget_override set taken = taken + 1
    where project_id = ${projectId} and override_id = ${overrideId} and taken < extra returning 1`;
  if (taken.length === 0) throw new Error("an override was used up under the lock that guards it");
}
