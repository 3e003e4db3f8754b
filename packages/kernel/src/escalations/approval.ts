import { Actor, Args, PrunellaError, type Approval } from "@prunella/contract";
import { digestOfArgs } from "../gate/args.ts";
import { appendLedger } from "../ledger/append.ts";
import { utcSecond } from "../notify/moment.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";

export type ApprovalRow = Tables["approval"];

/** What an approval is about: this action, on this target, with these arguments, and nothing else. */
interface About {
  readonly projectId: string;
  readonly triggerId: string | null;
  readonly action: string;
  readonly target: string;
  readonly args: Args;
}

/**
 * The approval that answers a question, used up by it: one that waits, whose time is not over, for exactly what is
 * asked. One that names no trigger is for whoever asks; nobody approves what they asked for themselves. The head of
 * the ledger is held, so that of two questions one has it.
 */
export async function takeApproval(
  tx: Tx,
  given: About & { readonly now: number; readonly requestedBy: string | null; readonly escalationId: string },
): Promise<Approval | null> {
  const { now, projectId, triggerId, action, target, args, requestedBy, escalationId } = given;
  const waiting = await rows<ApprovalRow>(tx.db)`select * from approval
    where project_id = ${projectId} and target = ${target} and action = ${action} and coalesce(trigger_id, '') in ('', ${triggerId ?? ""})
      and status = 'waiting' and expires_at > ${now} and args_sha256 = ${digestOfArgs(action, target, args)}
    order by expires_at, approval_id`;
  const others = waiting.filter(({ given_by: by }) => requestedBy === null || actorOf(by).id !== requestedBy);
  for (const row of others)
    if (await mayStill(tx, row))
      return endApproval(tx, row, { now, status: "used", by: actorOf(row.given_by), escalationId });
  return null;
}

/** Nobody's yes outlives their say in the project. Who is in no list, such as the operator of the installation, keeps it. */
async function mayStill(tx: Tx, { given_by: by, project_id: projectId }: ApprovalRow): Promise<boolean> {
  const found = await rows<{ state: string; role: string | null }>(tx.db)`select p.state, r.role from person p
    left join person_role r on r.person_id = p.person_id and r.project_id in ('*', ${projectId})
    where p.person_id = ${actorOf(by).id ?? ""}`;
  const decides = found.some(({ state, role }) => state === "active" && (role === "operator" || role === "owner"));
  return found.length === 0 || decides;
}

/** Null: it had come to its end before. */
export async function endApproval(
  tx: Tx,
  { project_id: projectId, approval_id: approvalId }: Pick<ApprovalRow, "project_id" | "approval_id">,
  end: {
    readonly now: number;
    readonly status: "used" | "expired" | "withdrawn";
    readonly by: Actor;
    readonly escalationId?: string;
  },
): Promise<Approval | null> {
  const { now, status, by, escalationId = null } = end;
  const [row] = await rows<ApprovalRow>(tx.db)`update approval
    set status = ${status}, escalation_id = ${escalationId}, ended_by = ${JSON.stringify(by)}, ended_at = ${now}
    where project_id = ${projectId} and approval_id = ${approvalId} and status = 'waiting' returning *`;
  if (!row) return null;
  await noteApproval(tx, row, { now, change: status, by });
  return toApproval(row);
}

export const noteApproval = (
  tx: Tx,
  row: ApprovalRow,
  { now, change, by }: { now: number; change: "given" | "used" | "expired" | "withdrawn"; by: Actor },
): Promise<number> =>
  appendLedger(tx, {
    v: 1,
    at: now,
    type: "approval_changed",
    project: row.project_id,
    approval: row.approval_id,
    action: row.action,
    target: row.target,
    args_sha256: row.args_sha256,
    change,
    expires_at: row.expires_at,
    escalation: row.escalation_id,
    by,
  });

export function toApproval(row: ApprovalRow): Approval {
  return {
    id: row.approval_id,
    project_id: row.project_id,
    trigger_id: row.trigger_id,
    action: row.action,
    target: row.target,
    args: Args.parse(JSON.parse(row.args)),
    reason: row.reason,
    by: actorOf(row.given_by),
    given_at: row.given_at,
    expires_at: row.expires_at,
    status: row.status,
    escalation_id: row.escalation_id,
    ended_by: row.ended_by === null ? null : actorOf(row.ended_by),
    ended_at: row.ended_at,
    audit_log_id: row.audit_log_id,
  };
}

const actorOf = (text: string): Actor => Actor.parse(JSON.parse(text));

/** Whoever comes late, or for the second time, is told what came of it, by whom and when. */
export function alreadyEnded({ status, ended_by: by, ended_at: at, escalation_id: question }: Approval): PrunellaError {
  const who = by === null || by.kind === "default" ? "by default" : `by ${by.id ?? by.kind}`;
  const what = question === null ? "" : `, for the question ${question}`;
  return new PrunellaError("PRUNELLA_CONFLICT", {
    detail: `This approval is ${status} already, ${who}${at === null ? "" : ` at ${utcSecond(at)}`}${what}.`,
  });
}
