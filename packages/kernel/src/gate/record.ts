import type { Tx } from "../store/engine.ts";
import { insertRows } from "../store/insert-rows.ts";
import type { Tables } from "../store/tables.ts";
import type { Facts } from "./facts.ts";

type Row = Tables["self_heal_attempts"];

/** What every attempt says of who asked for what, and why; refused until more is known. */
export function rowOf({ now, request, action }: Facts, attemptId: string, auditLogId: number): Row {
  return {
    project_id: request.projectId,
    attempt_id: attemptId,
    subject_kind: request.subject.kind,
    subject_id: request.subject.id,
    trigger_id: request.triggerId,
    fault_id: request.faultId,
    target: request.target,
    action,
    args: "{}",
    because_kind: request.because.kind,
    because_id: request.because.id,
    cause: request.cause === null ? null : JSON.stringify(request.cause),
    state: "refused",
    refusal: null,
    refusal_detail: null,
    verification: null,
    count: 1,
    node_id: null,
    fence: 0,
    rung: 0,
    audit_log_id: auditLogId,
    created_at: now,
    not_before: null,
    started_at: null,
    ended_at: null,
    verify_at: null,
    verified_at: null,
    version: 1,
  };
}

const ATTEMPT = {
  project_id: "text",
  attempt_id: "text",
  subject_kind: "text",
  subject_id: "text",
  trigger_id: "text",
  fault_id: "text",
  target: "text",
  action: "text",
  args: "text",
  because_kind: "text",
  because_id: "text",
  cause: "text",
  state: "text",
  refusal: "text",
  refusal_detail: "text",
  verification: "text",
  count: "int",
  node_id: "text",
  fence: "int",
  rung: "int",
  audit_log_id: "int",
  created_at: "int",
  not_before: "int",
  started_at: "int",
  ended_at: "int",
  verify_at: "int",
  verified_at: "int",
  version: "int",
} as const satisfies Record<keyof Row, "text" | "int">;

const cellsOf = (row: Row): (string | number | null)[] => [
  row.project_id,
  row.attempt_id,
  row.subject_kind,
  row.subject_id,
  row.trigger_id,
  row.fault_id,
  row.target,
  row.action,
  row.args,
  row.because_kind,
  row.because_id,
  row.cause,
  row.state,
  row.refusal,
  row.refusal_detail,
  row.verification,
  row.count,
  row.node_id,
  row.fence,
  row.rung,
  row.audit_log_id,
  row.created_at,
  row.not_before,
  row.started_at,
  row.ended_at,
  row.verify_at,
  row.verified_at,
  row.version,
];

export const insertAttempts = (tx: Tx, attempts: readonly Row[]): void =>
  insertRows(tx, "self_heal_attempts", ATTEMPT, attempts.map(cellsOf));
