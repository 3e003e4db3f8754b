import type { Approval } from "@prunella/contract";
import type { NewId } from "../ids.ts";
import type { Tx } from "../store/engine.ts";
import { takeApproval } from "./approval.ts";
import type { Askers } from "./asker.ts";
import { APPROVAL_MS, decide } from "./decide.ts";
import { approvedArgs, optionsOf, type EscalationRow } from "./row.ts";

/**
 * Answers a question by what somebody said beforehand to exactly what it asks, where it offers that answer at all;
 * the answer holds no longer than the approval would have. Null: it stays open, and no approval is used up.
 */
export async function answerBeforehand(
  tx: Tx,
  { newId, askers }: { readonly newId: NewId; readonly askers: Askers },
  question: EscalationRow,
  now: number,
): Promise<Approval | null> {
  const offered = optionsOf(question);
  const choice = askers
    .get(question.asker)
    ?.choices.find(({ name, effect }) => effect === "act" && offered.includes(name));
  const args = approvedArgs(question);
  if (!choice || args === null) return null;
  const { project_id: projectId, escalation_id: escalationId, trigger_id: triggerId, asker: action, target } = question;
  const requestedBy = question.requested_by;
  const about = { projectId, triggerId, action, target, args };
  const approval = await takeApproval(tx, { ...about, now, requestedBy, escalationId });
  if (!approval) return null;
  const { by, reason: note, expires_at: until } = approval;
  const forMs = Math.min(APPROVAL_MS, until - now);
  await decide(tx, { now, newId, askers, escalationId, decision: choice.name, by, note, forMs });
  return approval;
}
