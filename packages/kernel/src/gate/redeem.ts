import { Args, PrunellaError } from "@prunella/contract";
import { sql } from "kysely";
import type { NewId } from "../ids.ts";
import { appendLedger } from "../ledger/append.ts";
import type { Tx } from "../store/engine.ts";
import { addWork } from "../work/kind.ts";
import type { GateDeps } from "./gate.ts";
import type { Redeemed } from "./permit.ts";
import { ABANDON } from "./work.ts";

/** An effect takes moments; an executor that says nothing for this long has gone. */
const REPORT_MS = 60_000;

/**
 * Marks a permit as used in the same unit in which the ledger says that the effect starts. Refuses a
 * second time, a wrong fence, a fence that a newer permit of the target has outrun, a permit before or
 * after its time, and any permit once the kill switch is on or the envelope is off: off beats on, also
 * for what was granted.
 */
export async function redeemPermit(
  tx: Tx,
  given: { now: number; newId: NewId; nodeId: string; permitId: string; fence: number; policyOf: GateDeps["policyOf"] },
): Promise<Redeemed> {
  const { now, permitId, fence } = given;
  const permit = await tx.db.selectFrom("permit").selectAll().where("permit_id", "=", permitId).executeTakeFirst();
  if (!permit) throw refuse("There is no such permit.");
  if (permit.redeemed_at !== null) throw refuse("It has been redeemed already.");
  if (permit.fence !== fence) throw refuse("Its fencing token is another one.");
  if (now < permit.not_before) throw refuse(`Its time begins in ${permit.not_before - now} ms.`);
  if (now >= permit.expires_at) throw refuse("Its time is over.");
  const attempt = await tx.db
    .selectFrom("self_heal_attempts")
    .selectAll()
    .where("project_id", "=", permit.project_id)
    .where("attempt_id", "=", permit.attempt_id)
    .executeTakeFirstOrThrow();
  if (attempt.state !== "permitted") throw refuse("Its attempt is over.");
  const newer = await tx.db
    .selectFrom("self_heal_attempts")
    .select("fence")
    .where("project_id", "=", permit.project_id)
    .where("target", "=", permit.target)
    .where("state", "<>", sql.lit("refused"))
    .where("fence", ">", fence)
    .limit(1)
    .executeTakeFirst();
  if (newer) throw refuse("A newer permit of its target has outrun it.");
  const off = await tx.db
    .selectFrom("switch")
    .select("name")
    .where("is_on", "=", 1)
    .where("project_id", "in", ["*", permit.project_id])
    .orderBy("name")
    .executeTakeFirst();
  if (off) throw refuse(off.name === "kill" ? "The kill switch is on." : "The project is paused.");
  const subject = { kind: attempt.subject_kind, id: attempt.subject_id };
  const { trigger, grant } = await given.policyOf(tx.db, {
    projectId: attempt.project_id,
    subject,
    triggerId: attempt.trigger_id,
  });
  if (attempt.trigger_id !== null && trigger?.envelope.enabled !== true)
    throw refuse("The envelope has been switched off.");
  if (subject.kind === "grant" && (!grant || grant.revoked_at !== null)) throw refuse("The grant has been revoked.");

  const used = await tx.db
    .updateTable("permit")
    .set({ redeemed_at: now })
    .where("project_id", "=", permit.project_id)
    .where("permit_id", "=", permitId)
    .where("redeemed_at", "is", null)
    .returning("permit_id")
    .executeTakeFirst();
  if (!used) throw refuse("It has been redeemed already.");
  const { project_id: projectId, attempt_id: attemptId } = permit;
  await tx.db
    .updateTable("self_heal_attempts")
    .set(({ eb }) => ({ state: "running", started_at: now, node_id: given.nodeId, version: eb("version", "+", 1) }))
    .where("project_id", "=", projectId)
    .where("attempt_id", "=", attemptId)
    .execute();
  await addWork(tx, given.newId, { kind: ABANDON, projectId, dueAt: now + REPORT_MS, payload: { attempt: attemptId } });
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "attempt_started",
    project: projectId,
    attempt: attemptId,
    intent: attempt.audit_log_id,
  });
  return {
    permitId,
    attemptId,
    projectId,
    action: permit.action,
    target: permit.target,
    args: Args.parse(JSON.parse(permit.args)),
    fence,
    expiresAt: permit.expires_at,
  };
}

const refuse = (detail: string) => new PrunellaError("PRUNELLA_PERMIT_INVALID", { detail });
