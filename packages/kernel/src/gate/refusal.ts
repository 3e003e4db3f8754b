import type { NewId } from "../ids.ts";
import { appendLedger } from "../ledger/append.ts";
import { HOUR_MS, tally } from "../ledger/tally.ts";
import type { Tx } from "../store/engine.ts";
import { argsToDo } from "./args.ts";
import type { Refused } from "./checks.ts";
import type { Episode, Escalate } from "./episode.ts";
import type { Facts } from "./facts.ts";
import { insertAttempts, rowOf } from "./record.ts";
import { isLeftToHands } from "./stage.ts";
import { noteStorm } from "./storm.ts";
import type { Verdict } from "./verdict.ts";

/** Refusals after which nothing is left to be done: whoever switched it off knows, and what is well needs nothing. */
const ASKS_NOBODY: ReadonlySet<string> = new Set([
  "unknown_trigger",
  "detect_only",
  "self",
  "expected_symptom",
  "untrusted_source",
  "killed",
  "paused",
  "envelope_disabled",
  "target_already_healthy",
]);
/** True when nobody needs to hear of it, so that nothing has to be looked up for it either. */
export const asksNobody = ({ refusal, isExpected }: Refused): boolean => isExpected || ASKS_NOBODY.has(refusal);

/** Refusals that the next failure changes by itself: a person is asked only where none will come. */
const PASSES: ReadonlySet<string> = new Set(["debounced", "ceiling_reached", "outside_window", "storm"]);

/** True when the ladder ends here and the target is not well, wherever its failure came from. */
export function leavesItDown({ request, policy, remedy, evidence, activeOnTarget }: Facts, refused: Refused): boolean {
  const { refusal } = refused;
  // Whoever asked hears it: no answer of anybody could change anything any more.
  if (remedy?.asksNobody === true) return false;
  if (request.subject.kind === "grant" || asksNobody(refused)) return false;
  // What only tries leaves nothing behind that would not be there without it.
  if (request.subject.kind === "trigger" && policy.trigger?.mode === "dry_run") return false;
  const observation = evidence?.observation;
  // What nobody knows of cannot be helped by an answer either.
  if (!observation) return refusal === "unknown_remedy";
  if (observation.isHealthy || (refusal === "ceiling_reached" && activeOnTarget > 0)) return false;
  return observation.staysDown || !PASSES.has(refusal);
}

/**
 * Writes down a refusal, and with it the question where the ladder ends (LOCK-HEAL-5). One whose answer is awaited gets a row of its own; equal automatic ones
 * share a row with a count. The ledger gets each subject's first of a kind in an hour and a sum afterwards,
 * so nobody with a public key can grow a log that cannot be deleted.
 */
export async function recordRefusal(
  tx: Tx,
  facts: Facts,
  refused: Refused,
  { newId, escalate }: { newId: NewId; escalate: Escalate },
): Promise<Verdict> {
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
    insertAttempts(tx, [
      {
        ...rowOf(facts, attemptId, auditLogId),
        refusal: refused.refusal,
        refusal_detail: refused.detail,
        ended_at: now,
      },
    ]);
  }
  if (refused.refusal === "storm" && request.triggerId !== null && refused.passesAt !== null && facts.evidence?.peers)
    if (facts.storm === null || facts.storm.until !== refused.passesAt)
      noteStorm(tx, now, {
        projectId: request.projectId,
        triggerId: request.triggerId,
        until: refused.passesAt,
        bad: facts.evidence.peers.bad,
      });
  const escalationId = leavesItDown(facts, refused)
    ? await escalate(tx, { ...episodeOf(facts), reason: refused.refusal })
    : null;
  return { kind: "refused", attemptId, refused, escalationId };
}

/** What a person is asked about. */
export function episodeOf(facts: Facts): Omit<Episode, "reason"> {
  const { request, action, evidence } = facts;
  // What was approved and is another by now is asked about as it is now.
  const { approved: _approved, ...asked } = request;
  return {
    projectId: request.projectId,
    asker: action ?? "work",
    triggerId: request.triggerId,
    faultId: request.faultId,
    target: request.target,
    cause: request.cause,
    args: evidence?.observation ? argsToDo({ ...facts, request: asked }, evidence.observation) : null,
    isByHand: isLeftToHands(facts.stage),
    requestedBy: request.subject.kind === "person" ? { kind: "person", id: request.subject.id } : null,
  };
}

function appendRefusal(tx: Tx, { now, request, action }: Facts, refused: Refused, attempt: string): Promise<number> {
  return appendLedger(tx, {
    v: 1,
    at: now,
    type: "attempt_refused",
    project: request.projectId,
    attempt,
    subject: request.subject,
    trigger: request.triggerId,
    fault: request.faultId,
    action,
    because: request.because,
    refusal: refused.refusal,
  });
}

const equalRefusals = (tx: Tx, { request }: Facts, refused: Refused) =>
  tx.db
    .selectFrom("self_heal_attempts")
    .where("project_id", "=", request.projectId)
    .where("subject_id", "=", request.subject.id)
    .where("subject_kind", "=", request.subject.kind)
    .where("trigger_id", "is not distinct from", request.triggerId)
    .where("refusal", "=", refused.refusal);

/** The ledger entry of this subject's first such refusal since `hour`; an entry never speaks for another one. */
async function findEntry(tx: Tx, facts: Facts, refused: Refused, hour: number): Promise<number | null> {
  const row = await equalRefusals(tx, facts, refused)
    .select("audit_log_id")
    .where("created_at", ">=", hour)
    .orderBy("created_at")
    .limit(1)
    .executeTakeFirst();
  return row?.audit_log_id ?? null;
}

/** The row of the same refusal for the same fault within the last hour. */
async function findShared(tx: Tx, facts: Facts, refused: Refused): Promise<string | null> {
  const row = await equalRefusals(tx, facts, refused)
    .select("attempt_id")
    .where("fault_id", "is not distinct from", facts.request.faultId)
    .where("target", "=", facts.request.target)
    .where("created_at", ">", facts.now - HOUR_MS)
    .orderBy("created_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.attempt_id ?? null;
}
