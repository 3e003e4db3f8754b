import type { Decision, Escalation } from "@prunella/contract";
import type { NewId } from "../ids.ts";
import { appendLedger } from "../ledger/append.ts";
import type { Tx } from "../store/engine.ts";
import { addWork } from "../store/work.ts";

/** A person has a day; then the default takes effect, which changes nothing. */
const LIFE_MS = 24 * 3_600_000;
const OPTIONS: Decision[] = ["restart_once", "leave_stopped"];

export interface Episode {
  readonly now: number;
  readonly newId: NewId;
  readonly request: {
    readonly projectId: string;
    readonly triggerId: string;
    readonly faultId: string | null;
    readonly target: string;
  };
  readonly reason: Escalation["reason"];
  readonly used: number;
}

/**
 * Hands a person what is left: one question per episode. While it stands open further failures only
 * raise its count. Returns the id of the open escalation.
 */
export async function openEscalation(tx: Tx, episode: Episode): Promise<string> {
  const { now, newId, request } = episode;
  const open = await tx.db
    .updateTable("escalation_attempts")
    .set(({ eb }) => ({ failures_since: eb("failures_since", "+", 1), version: eb("version", "+", 1) }))
    .where("project_id", "=", request.projectId)
    .where("trigger_id", "=", request.triggerId)
    .where("target", "=", request.target)
    .where("status", "=", "open")
    .returning("escalation_id")
    .executeTakeFirst();
  if (open) return open.escalation_id;
  const escalationId = newId();
  const auditLogId = await appendLedger(tx, {
    v: 1,
    at: now,
    type: "escalation_opened",
    project: request.projectId,
    escalation: escalationId,
    trigger: request.triggerId,
    fault: request.faultId,
    reason: episode.reason,
  });
  await tx.db
    .insertInto("escalation_attempts")
    .values({
      project_id: request.projectId,
      escalation_id: escalationId,
      trigger_id: request.triggerId,
      fault_id: request.faultId,
      target: request.target,
      reason: episode.reason,
      status: "open",
      options: JSON.stringify(OPTIONS),
      default_decision: "leave_stopped",
      decision: null,
      decided_by: null,
      opened_at: now,
      expires_at: now + LIFE_MS,
      decided_at: null,
      failures_since: 0,
      run_id: null,
      version: 1,
      audit_log_id: auditLogId,
    })
    .execute();
  await addWork(tx, newId, request.projectId, now + LIFE_MS, { kind: "default", escalation: escalationId });
  if (episode.reason === "budget_exhausted") await openSprint(tx, episode, escalationId);
  return escalationId;
}

/** A fault that outlasted its budget needs the repair of its cause: ids and numbers for a brief. */
async function openSprint(tx: Tx, { now, newId, request, used }: Episode, escalationId: string): Promise<void> {
  const brief = {
    trigger: request.triggerId,
    target: request.target,
    fault: request.faultId,
    attempts_used: used,
    goal: "repair_cause",
    symptom_remedy: "restart",
  };
  await tx.db
    .insertInto("corrective_sprint_log")
    .values({
      project_id: request.projectId,
      sprint_id: newId(),
      trigger_id: request.triggerId,
      fault_id: request.faultId,
      escalation_id: escalationId,
      brief: JSON.stringify(brief),
      opened_at: now,
    })
    .execute();
}
