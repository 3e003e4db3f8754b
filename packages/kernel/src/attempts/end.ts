import { sql } from "kysely";
import { demoteFor, noteFix } from "../gate/stage.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import { tellAll } from "../notify/tell.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import { dropWork, setWork } from "../work/kind.ts";
import type { AttemptRow } from "./row.ts";
import { VERIFY } from "./work.ts";

/**
 * Permitted or running: whatever else an attempt comes to has ended. As the index of what is under way says it; an
 * index that holds some rows serves only who names them the same way.
 */
export const ACTIVE = sql<boolean>`ended_at is null`;

type Ended = "succeeded" | "failed" | "expired" | "abandoned";
type Open = "permitted" | "running";

/**
 * Ends an attempt that has an intent; the ledger gets its outcome. `watchUntil`: when its quiet watch is
 * over; null: there is none. False: another server ended it since it was read, and what that one said stands.
 */
export async function endAttempt(
  tx: Tx,
  now: number,
  attempt: AttemptRow,
  state: Ended,
  watchUntil: number | null = null,
): Promise<boolean> {
  const { project_id: projectId, attempt_id: attemptId } = attempt;
  const verification = watchUntil === null ? attempt.verification : "watching";
  const ended = await rows(
    tx.db,
  )`update self_heal_attempts set state = ${state}, ended_at = ${now}, verification = ${verification}, verify_at = ${watchUntil}, version = version + 1
    where project_id = ${projectId} and attempt_id = ${attemptId} and state = ${attempt.state} returning 1`;
  if (ended.length === 0) return false;
  if (watchUntil === null) dropWork(tx, projectId, attemptId);
  else setWork(tx, attemptId, { kind: VERIFY, projectId, dueAt: watchUntil, payload: { attempt: attemptId } });
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "attempt_outcome",
    project: projectId,
    attempt: attemptId,
    intent: attempt.audit_log_id,
    state,
  });
  if (state === "failed" || state === "abandoned") await noteFix(tx, attempt, false);
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
  await giveUpThose(tx, now, ["permitted", "running"], { projectId, target });
}

/** Takes back what was permitted for one target and not begun, and returns it. */
export const voidPermitsOf = (tx: Tx, now: number, projectId: string, target: string): Promise<AttemptRow[]> =>
  giveUpThose(tx, now, ["permitted"], { projectId, target });

/**
 * Takes back what policy and callers were permitted within a project, by a trigger, or for a target; null: any.
 * Returns it, because whoever makes policy stand still has it judged again.
 */
export async function voidPermitsUnder(
  tx: Tx,
  now: number,
  of: { readonly projectId: string | null; readonly triggerId: string | null; readonly target: string | null },
): Promise<AttemptRow[]> {
  await lockHead(tx);
  let query = tx.db
    .selectFrom("self_heal_attempts")
    .select("attempt_id")
    .where(ACTIVE)
    .where("state", "=", sql.lit("permitted"))
    .where("subject_kind", "<>", "person");
  if (of.projectId !== null) query = query.where("project_id", "=", of.projectId);
  if (of.triggerId !== null) query = query.where("trigger_id", "=", of.triggerId);
  if (of.target !== null) query = query.where("target", "=", of.target);
  return giveUpEach(tx, now, ["permitted"], await query.orderBy("attempt_id").execute());
}

/** Takes back whatever was permitted and not begun, and returns it. */
export const voidPermits = (tx: Tx, now: number): Promise<AttemptRow[]> => giveUpThose(tx, now, ["permitted"], null);

async function giveUpThose(
  tx: Tx,
  now: number,
  states: readonly Open[],
  of: { readonly projectId: string; readonly target: string } | null,
): Promise<AttemptRow[]> {
  await lockHead(tx);
  let query = tx.db.selectFrom("self_heal_attempts").select("attempt_id").where(ACTIVE).where("state", "in", states);
  if (of !== null) query = query.where("project_id", "=", of.projectId).where("target", "=", of.target);
  return giveUpEach(tx, now, states, await query.orderBy("attempt_id").execute());
}

async function giveUpEach(
  tx: Tx,
  now: number,
  states: readonly Open[],
  found: readonly Pick<AttemptRow, "attempt_id">[],
): Promise<AttemptRow[]> {
  const ended: AttemptRow[] = [];
  for (const { attempt_id } of found) {
    const attempt = await giveUp(tx, now, attempt_id, states);
    if (attempt) ended.push(attempt);
  }
  return ended;
}

/** Ends the quiet watch; `fixed` is never said before. False: another server ended it since it was read. */
export async function endWatch(
  tx: Tx,
  now: number,
  attempt: AttemptRow,
  verification: "held" | "ineffective",
): Promise<boolean> {
  const { project_id: projectId, attempt_id: attemptId } = attempt;
  const ended = await rows(
    tx.db,
  )`update self_heal_attempts set verification = ${verification}, verified_at = ${now}, version = version + 1
    where project_id = ${projectId} and attempt_id = ${attemptId} and verification = 'watching' returning 1`;
  if (ended.length === 0) return false;
  dropWork(tx, projectId, attemptId);
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "attempt_verified",
    project: attempt.project_id,
    attempt: attempt.attempt_id,
    intent: attempt.audit_log_id,
    verification,
  });
  await noteFix(tx, attempt, verification === "held");
  if (verification === "ineffective") {
    await tellAll(tx, [{ kind: "attempt_ineffective", projectId, subject: attemptId, at: now, once: attemptId }]);
    await demoteFor(tx, now, attempt);
  }
  return true;
}

/** Attempts on a target that are watched now. */
export const watchedOf = (tx: Tx, projectId: string, target: string): Promise<AttemptRow[]> =>
  rows<AttemptRow>(tx.db)`select * from self_heal_attempts
    where project_id = ${projectId} and target = ${target} and verification = 'watching' order by attempt_id`;
