import { PrunellaError } from "@prunella/contract";
import type { NewId } from "../ids.ts";
import { appendLedger } from "../ledger/append.ts";
import { openEscalation } from "../escalations/escalate.ts";
import type { Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { addWork } from "../store/work.ts";
import { readTrigger } from "../triggers/registry.ts";

type AttemptRow = Tables["self_heal_attempts"];
type Ended = "succeeded" | "failed" | "expired" | "abandoned";

/** What the executor says of its effect. Success begins the quiet watch; failure goes to a person. */
export async function recordOutcome(
  tx: Tx,
  now: number,
  newId: NewId,
  attemptId: string,
  fence: number,
  state: "succeeded" | "failed",
): Promise<AttemptRow> {
  const attempt = await tx.db
    .selectFrom("self_heal_attempts")
    .selectAll()
    .where("attempt_id", "=", attemptId)
    .executeTakeFirst();
  if (!attempt) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such attempt." });
  // The owner ended in between and gave the attempt up; what the executor did stands all the same.
  if (attempt.state === "abandoned" && attempt.fence === fence) return attempt;
  if (attempt.state !== "running" || attempt.fence !== fence) {
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail: `The attempt is ${attempt.state}; only a running one has an outcome, from the holder of its fencing token.`,
    });
  }
  await endAttempt(tx, now, attempt, state);
  if (state === "succeeded") {
    const trigger = await readTrigger(tx.db, attempt.project_id, attempt.trigger_id);
    const verifyAt = now + (trigger?.verify_ms ?? 0);
    await change(tx, attempt, { verification: "watching", verify_at: verifyAt });
    await addWork(tx, newId, attempt.project_id, verifyAt, { kind: "verify", attempt: attemptId });
  } else {
    const request = {
      projectId: attempt.project_id,
      triggerId: attempt.trigger_id,
      faultId: attempt.fault_id,
      target: attempt.target,
    };
    await openEscalation(tx, { now, newId, request, reason: "ineffective", used: 0 });
  }
  return attempt;
}

/** Ends an attempt that has an intent; the ledger gets its outcome. */
export async function endAttempt(tx: Tx, now: number, attempt: AttemptRow, state: Ended): Promise<void> {
  await change(tx, attempt, { state, ended_at: now });
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "attempt_outcome",
    project: attempt.project_id,
    attempt: attempt.attempt_id,
    intent: attempt.audit_log_id,
    state,
  });
}

/** Ends the quiet watch; `fixed` is never said before. */
export async function endWatch(
  tx: Tx,
  now: number,
  attempt: AttemptRow,
  verification: "held" | "ineffective",
): Promise<void> {
  await change(tx, attempt, { verification, verified_at: now });
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "attempt_verified",
    project: attempt.project_id,
    attempt: attempt.attempt_id,
    intent: attempt.audit_log_id,
    verification,
  });
}

async function change(tx: Tx, attempt: AttemptRow, values: Partial<AttemptRow>): Promise<void> {
  await tx.db
    .updateTable("self_heal_attempts")
    .set(({ eb }) => ({ ...values, version: eb("version", "+", 1) }))
    .where("project_id", "=", attempt.project_id)
    .where("attempt_id", "=", attempt.attempt_id)
    .execute();
}

/**
 * Ends an attempt that will have no outcome of its own: a permit that nobody redeemed in time, or
 * that was taken back, expires; an effect that nobody reported on is abandoned.
 */
export async function giveUp(tx: Tx, now: number, attemptId: string): Promise<"expired" | "abandoned" | null> {
  const attempt = await tx.db
    .selectFrom("self_heal_attempts")
    .selectAll()
    .where("attempt_id", "=", attemptId)
    .where("state", "in", ["permitted", "running"])
    .executeTakeFirst();
  if (!attempt) return null;
  const state = attempt.state === "running" ? "abandoned" : "expired";
  await endAttempt(tx, now, attempt, state);
  return state;
}

/**
 * On start: an attempt that was running when the owner ended has no outcome, and nobody can say
 * what came of it. It counts as abandoned, never as success, and nothing is retried blindly.
 */
export async function reconcile(tx: Tx, now: number): Promise<number> {
  const left = await tx.db
    .selectFrom("self_heal_attempts")
    .selectAll()
    .where((where) =>
      where.or([
        where("state", "=", "running"),
        where.and([where("state", "=", "permitted"), where("not_before", "<", now - 60_000)]),
      ]),
    )
    .orderBy("created_at")
    .orderBy("attempt_id")
    .execute();
  for (const attempt of left) await endAttempt(tx, now, attempt, attempt.state === "running" ? "abandoned" : "expired");
  return left.length;
}
