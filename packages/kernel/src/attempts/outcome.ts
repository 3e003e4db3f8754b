import { PrunellaError } from "@prunella/contract";
import { lockHead } from "../ledger/append.ts";
import type { Escalate } from "../gate/episode.ts";
import { envelopeOf, isLeftToHands, readStage } from "../gate/stage.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import { endAttempt } from "./end.ts";
import { argsOf, causeOf, type AttemptRow } from "./row.ts";

export interface OutcomeDeps {
  readonly escalate: Escalate;
  /** How long success is watched before it counts. */
  readonly watchMs: (tx: Tx, attempt: AttemptRow) => Promise<number>;
  /** Asks for the next remedy of the trigger's ladder; false where this was the last. */
  readonly climb: (tx: Tx, attempt: AttemptRow) => Promise<boolean>;
}

/** What the executor says of its effect. Success begins the quiet watch; failure goes to a person. */
export async function recordOutcome(
  tx: Tx,
  deps: OutcomeDeps,
  given: { now: number; attemptId: string; fence: number; state: "succeeded" | "failed" },
): Promise<AttemptRow> {
  const { now, attemptId, fence, state } = given;
  await lockHead(tx);
  const [attempt] = await rows<AttemptRow>(tx.db)`select * from self_heal_attempts where attempt_id = ${attemptId}`;
  if (!attempt) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such attempt." });
  // Its server ended in between and the attempt was given up; what the executor did stands all the same.
  if (attempt.state === "abandoned" && attempt.fence === fence) return attempt;
  if (attempt.state !== "running" || attempt.fence !== fence) {
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail: `The attempt is ${attempt.state}; only a running one has an outcome, from the holder of its fencing token.`,
    });
  }
  const watchUntil = state === "succeeded" ? now + (await deps.watchMs(tx, attempt)) : null;
  // Given up by another server since it was read: then the state says how that goes on.
  if (!(await endAttempt(tx, now, attempt, state, watchUntil))) return recordOutcome(tx, deps, given);
  if (state === "failed") await handOn(tx, deps, attempt);
  return attempt;
}

/**
 * An effect that failed, that did not help, or that nobody can vouch for: doubt counts as a failure. The
 * ladder's next remedy is asked for, and after the last a person.
 */
export async function handOn(
  tx: Tx,
  { escalate, climb }: Pick<OutcomeDeps, "escalate" | "climb">,
  attempt: AttemptRow,
): Promise<void> {
  if (attempt.state === "permitted" && (await isOvertaken(tx, attempt))) return;
  if (await climb(tx, attempt)) return;
  await escalate(tx, {
    projectId: attempt.project_id,
    asker: attempt.action ?? "work",
    triggerId: attempt.trigger_id,
    faultId: attempt.fault_id,
    target: attempt.target,
    reason: "ineffective",
    cause: causeOf(attempt),
    args: argsOf(attempt),
    isByHand: await isDoneByHand(tx, attempt),
    requestedBy: attempt.subject_kind === "person" ? { kind: "person", id: attempt.subject_id } : null,
  });
}

async function isDoneByHand(tx: Tx, { project_id: projectId, args }: AttemptRow): Promise<boolean> {
  const envelope = envelopeOf(args);
  return envelope !== null && isLeftToHands((await readStage(tx.db, projectId, envelope))?.stage ?? null);
}

/**
 * Something else was permitted for its target since: that is the answer, because whatever becomes of it is followed up.
 * Of what a caller from outside was permitted and came to nothing, only if a person was asked about it.
 */
async function isOvertaken(tx: Tx, { project_id, target, fence }: AttemptRow): Promise<boolean> {
  const later = await rows(tx.db)`select 1 from self_heal_attempts
    where project_id = ${project_id} and target = ${target} and refusal is null and fence > ${fence}
      and (subject_kind <> 'grant' or state <> 'expired' or exists (select 1 from escalation_attempts
        where project_id = ${project_id} and target = ${target} and opened_at >= self_heal_attempts.created_at)) limit 1`;
  return later.length > 0;
}
