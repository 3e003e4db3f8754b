import { appendLedger, lockHead } from "../ledger/append.ts";
import type { Tx } from "../store/engine.ts";
import type { AttemptRow } from "./row.ts";

type Ended = "succeeded" | "failed" | "expired" | "abandoned";
type Open = "permitted" | "running";

/**
 * Ends an attempt that has an intent; the ledger gets its outcome. False: another server ended it since
 * it was read, and what that one said stands.
 */
export async function endAttempt(tx: Tx, now: number, attempt: AttemptRow, state: Ended): Promise<boolean> {
  if (!(await changeAttempt(tx, attempt, { state, ended_at: now }))) return false;
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "attempt_outcome",
    project: attempt.project_id,
    attempt: attempt.attempt_id,
    intent: attempt.audit_log_id,
    state,
  });
  return true;
}

/**
 * Ends an attempt that will have no outcome of its own: a permit that nobody redeemed in time, or
 * that was taken back, expires; an effect that nobody reported on is abandoned. Null: it is in none of these states any more.
 */
export async function giveUp(
  tx: Tx,
  now: number,
  attemptId: string,
  states: readonly Open[],
): Promise<AttemptRow | null> {
  await lockHead(tx);
  const attempt = await tx.db
    .selectFrom("self_heal_attempts")
    .selectAll()
    .where("attempt_id", "=", attemptId)
    .where("state", "in", states)
    .executeTakeFirst();
  if (!attempt) return null;
  if (await endAttempt(tx, now, attempt, attempt.state === "running" ? "abandoned" : "expired")) return attempt;
  // Another server changed it since it was read.
  return giveUp(tx, now, attemptId, states);
}

/** What was permitted for a target and has not ended: void, because the target is another one now. */
export async function giveUpAllOf(tx: Tx, now: number, projectId: string, target: string): Promise<void> {
  await lockHead(tx);
  const left = await tx.db
    .selectFrom("self_heal_attempts")
    .select("attempt_id")
    .where("project_id", "=", projectId)
    .where("target", "=", target)
    .where("state", "in", ["permitted", "running"])
    .orderBy("attempt_id")
    .execute();
  for (const { attempt_id } of left) await giveUp(tx, now, attempt_id, ["permitted", "running"]);
}

/** Takes back whatever was permitted and not begun. */
export async function voidPermits(tx: Tx, now: number): Promise<void> {
  await lockHead(tx);
  const permitted = await tx.db
    .selectFrom("self_heal_attempts")
    .select("attempt_id")
    .where("state", "=", "permitted")
    .orderBy("attempt_id")
    .execute();
  for (const { attempt_id } of permitted) await giveUp(tx, now, attempt_id, ["permitted"]);
}

/** Ends the quiet watch; `fixed` is never said before. False: another server ended it since it was read. */
export async function endWatch(
  tx: Tx,
  now: number,
  attempt: AttemptRow,
  verification: "held" | "ineffective",
): Promise<boolean> {
  if (!(await changeAttempt(tx, attempt, { verification, verified_at: now }))) return false;
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "attempt_verified",
    project: attempt.project_id,
    attempt: attempt.attempt_id,
    intent: attempt.audit_log_id,
    verification,
  });
  return true;
}

/** Attempts on a target that are watched now. */
export const watchedOf = (tx: Tx, projectId: string, target: string): Promise<AttemptRow[]> =>
  tx.db
    .selectFrom("self_heal_attempts")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("target", "=", target)
    .where("verification", "=", "watching")
    .orderBy("attempt_id")
    .execute();

/** Only from the state that was read: a server that had the row at the same time waits here, and comes too late. */
async function changeAttempt(tx: Tx, attempt: AttemptRow, values: Partial<AttemptRow>): Promise<boolean> {
  const changed = await tx.db
    .updateTable("self_heal_attempts")
    .set(({ eb }) => ({ ...values, version: eb("version", "+", 1) }))
    .where("project_id", "=", attempt.project_id)
    .where("attempt_id", "=", attempt.attempt_id)
    .where("state", "=", attempt.state)
    .where("verification", attempt.verification === null ? "is" : "=", attempt.verification)
    .returning("attempt_id")
    .executeTakeFirst();
  return changed !== undefined;
}

/** Success begins the quiet watch; only who ended the attempt begins it. */
export async function beginWatch(tx: Tx, ended: AttemptRow, verifyAt: number): Promise<void> {
  await changeAttempt(tx, { ...ended, state: "succeeded" }, { verification: "watching", verify_at: verifyAt });
}
