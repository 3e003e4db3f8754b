import type { NewId } from "../ids.ts";
import { appendLedger } from "../ledger/append.ts";
import { openEscalation } from "../escalations/escalate.ts";
import type { Tx } from "../store/engine.ts";
import { HOUR_MS, tally } from "../store/tally.ts";
import type { Refused } from "./checks.ts";
import type { Facts } from "./facts.ts";
import type { Verdict } from "./verdict.ts";

/** A person's own switch says no here; telling that person would be noise. */
const SWITCHED_OFF: readonly string[] = ["killed", "paused", "envelope_disabled"];
const NOTHING_TO_DO: readonly string[] = [
  "target_already_healthy",
  "self",
  "expected_symptom",
  "untrusted_source",
  "detect_only",
];

/**
 * Writes down a refusal. One whose answer is awaited gets a row of its own; equal automatic ones
 * share a row with a count. The ledger gets each trigger's first of a kind in an hour and a sum afterwards,
 * so nobody with a public key can grow a log that cannot be deleted.
 */
export async function recordRefusal(tx: Tx, facts: Facts, refused: Refused, newId: NewId): Promise<Verdict> {
  const { now, request } = facts;
  const shared = request.isAwaited ? null : await findShared(tx, facts, refused);
  const attemptId = shared ?? newId();
  const hour = await tally(tx, request.projectId, `refused.${refused.refusal}`, now);
  if (shared !== null) {
    await tx.db
      .updateTable("self_heal_attempts")
      .set(({ eb }) => ({ count: eb("count", "+", 1), version: eb("version", "+", 1), ended_at: now }))
      .where("project_id", "=", request.projectId)
      .where("attempt_id", "=", shared)
      .execute();
  } else {
    const auditLogId =
      (await findEntry(tx, facts, refused, hour)) ?? (await appendRefusal(tx, facts, refused, attemptId));
    await tx.db
      .insertInto("self_heal_attempts")
      .values({
        project_id: request.projectId,
        attempt_id: attemptId,
        trigger_id: request.triggerId,
        fault_id: request.faultId,
        target: request.target,
        remedy: facts.trigger?.remedy ?? null,
        authority: request.authority,
        state: "refused",
        refusal: refused.refusal,
        refusal_detail: refused.detail,
        verification: null,
        count: 1,
        run_id: facts.evidence?.target?.runId ?? null,
        fence: 0,
        audit_log_id: auditLogId,
        created_at: now,
        not_before: null,
        started_at: null,
        ended_at: now,
        verify_at: null,
        verified_at: null,
        version: 1,
      })
      .execute();
  }
  const leavesItDown =
    request.isAwaited && !SWITCHED_OFF.includes(refused.refusal) && !NOTHING_TO_DO.includes(refused.refusal);
  const escalationId = leavesItDown
    ? await openEscalation(tx, { now, newId, request, reason: refused.refusal, used: facts.used })
    : null;
  return { kind: "refused", attemptId, refused, escalationId };
}

function appendRefusal(tx: Tx, { now, request }: Facts, refused: Refused, attempt: string): Promise<number> {
  return appendLedger(tx, {
    v: 1,
    at: now,
    type: "attempt_refused",
    project: request.projectId,
    attempt,
    trigger: request.triggerId,
    fault: request.faultId,
    refusal: refused.refusal,
    authority: request.authority,
  });
}

/** The ledger entry of this trigger's first such refusal since `hour`; an entry never speaks for another trigger. */
async function findEntry(tx: Tx, { request }: Facts, refused: Refused, hour: number): Promise<number | null> {
  const row = await tx.db
    .selectFrom("self_heal_attempts")
    .select("audit_log_id")
    .where("project_id", "=", request.projectId)
    .where("trigger_id", "=", request.triggerId)
    .where("refusal", "=", refused.refusal)
    .where("authority", "=", request.authority)
    .where("created_at", ">=", hour)
    .orderBy("created_at")
    .limit(1)
    .executeTakeFirst();
  return row?.audit_log_id ?? null;
}

/** The row of the same refusal for the same fault within the last hour. */
async function findShared(tx: Tx, { now, request }: Facts, refused: Refused): Promise<string | null> {
  const row = await tx.db
    .selectFrom("self_heal_attempts")
    .select("attempt_id")
    .where("project_id", "=", request.projectId)
    .where("fault_id", "is not distinct from", request.faultId)
    .where("trigger_id", "=", request.triggerId)
    .where("refusal", "=", refused.refusal)
    .where("authority", "=", request.authority)
    .where("created_at", ">", now - HOUR_MS)
    .orderBy("created_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.attempt_id ?? null;
}
