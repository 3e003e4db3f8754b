import { Args, Attempt, Cause } from "@prunella/contract";
import type { Tables } from "../store/tables.ts";

export type AttemptRow = Tables["self_heal_attempts"];

export function toAttempt(row: AttemptRow): Attempt {
  const {
    attempt_id,
    subject_kind,
    subject_id,
    because_kind,
    because_id,
    node_id: _n,
    fence: _f,
    rung: _r,
    verify_at: _v,
    ...rest
  } = row;
  return Attempt.parse({
    ...rest,
    id: attempt_id,
    subject: { kind: subject_kind, id: subject_id },
    because: { kind: because_kind, id: because_id },
    args: argsOf(row),
    cause: causeOf(row),
  });
}

export const argsOf = (row: Pick<AttemptRow, "args">): Args => Args.parse(JSON.parse(row.args));

export const causeOf = (row: { readonly cause: string | null }): Cause | null =>
  row.cause === null ? null : Cause.parse(JSON.parse(row.cause));
