import { Args, PrunellaError, type FixAction } from "@prunella/contract";
import { appendLedger, lockHead } from "../ledger/append.ts";
import type { Calendar } from "../ports.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";
import { setWork } from "../work/kind.ts";
import { definitionIn, ENVELOPE, type EnvelopeBook } from "./envelope-book.ts";
import type { GateDeps } from "./gate.ts";
import type { Redeemed } from "./permit.ts";
import { readStage } from "./stage.ts";
import { readStanding } from "./standing.ts";
import { ABANDON } from "./work.ts";

/** An effect takes moments; an executor that says nothing for this long has gone. */
const REPORT_MS = 60_000;

/** A permit, its attempt, and what may have come between. */
type Permitted = Omit<Tables["permit"], "permit_id" | "args_sha256"> &
  Pick<
    Tables["self_heal_attempts"],
    "state" | "subject_kind" | "subject_id" | "because_kind" | "trigger_id" | "rung" | "audit_log_id"
  > & {
    readonly newest_fence: number;
    readonly off: string | null;
  };

/**
 * Marks a permit as used in the same unit in which the ledger says that the effect starts. Refuses a
 * second time, a wrong fence, a fence that a newer permit of the target has outrun, a permit before or
 * after its time, and any permit once the kill switch is on, the envelope is off or policy stands still: off beats on, also
 * for what was granted.
 */
export async function redeemPermit(
  tx: Tx,
  given: {
    now: number;
    nodeId: string;
    permitId: string;
    fence: number;
    policyOf: GateDeps["policyOf"];
    book: EnvelopeBook;
    calendar: Calendar;
  },
): Promise<Redeemed> {
  const { now, permitId, fence } = given;
  await lockHead(tx);
  const [permit] = await rows<Permitted>(tx.db)`
     select p.project_id, p.attempt_id, p.action, p.target, p.args, p.fence, p.not_before, p.expires_at, p.redeemed_at,
       a.state, a.subject_kind, a.subject_id, a.because_kind, a.trigger_id, a.rung, a.audit_log_id,
       (select max(fence) from self_heal_attempts where project_id = p.project_id and target = p.target and refusal is null) as newest_fence,
       (select name from switch where is_on = 1 and project_id = '*' and name = 'kill') as off
     from permit p join self_heal_attempts a on a.project_id = p.project_id and a.attempt_id = p.attempt_id
     where p.permit_id = ${permitId}`;
  if (!permit) throw refuse("There is no such permit.");
  if (permit.redeemed_at !== null) throw refuse("It has been redeemed already.");
  if (permit.fence !== fence) throw refuse("Its fencing token is another one.");
  if (now < permit.not_before) throw refuse(`Its time begins in ${permit.not_before - now} ms.`);
  if (now >= permit.expires_at) throw refuse("Its time is over.");
  if (permit.state !== "permitted") throw refuse("Its attempt is over.");
  if (permit.newest_fence > fence) throw refuse("A newer permit of its target has outrun it.");
  if (permit.off !== null) throw refuse("The kill switch is on.");
  const subject = { kind: permit.subject_kind, id: permit.subject_id };
  const of = { projectId: permit.project_id, triggerId: permit.trigger_id, target: permit.target };
  const policy = given.policyOf(tx.db, { ...of, subject });
  const bounds = policy.then((one) => one.trigger);
  const args = Args.parse(JSON.parse(permit.args));
  const envelope = args[ENVELOPE];
  const [{ trigger, grant }, { pauses, maintenanceUntil, quietUntil }, moved] = await Promise.all([
    policy,
    readStanding(tx.db, of, { now, trigger: bounds, calendar: given.calendar }),
    envelope === undefined ? null : readStage(tx.db, permit.project_id, String(envelope)),
  ]);
  if (subject.kind !== "person") {
    if (pauses.length > 0) throw refuse(pauses[0]?.isOfTrigger ? "The trigger is paused." : "The project is paused.");
    if (maintenanceUntil !== null) throw refuse("Its target is under maintenance.");
    if (quietUntil !== null && subject.kind === "trigger") throw refuse("These are its trigger's quiet hours.");
  }
  if (subject.kind === "trigger" && trigger?.mode === "dry_run") throw refuse("The trigger only tries.");
  if (permit.trigger_id !== null && trigger?.envelope.enabled !== true)
    throw refuse("The envelope has been switched off.");
  if (subject.kind === "grant" && (!grant || grant.revoked_at !== null)) throw refuse("The grant has been revoked.");

  const { project_id: projectId, attempt_id: attemptId } = permit;
  const enveloped = envelopedAction(given.book, permit, args);
  const isAnswer = permit.because_kind === "escalation";
  if (enveloped !== null && (subject.kind !== "person" || isAnswer)) {
    const stage = moved?.stage;
    if (stage !== "auto" && !(isAnswer && stage === "approve"))
      throw refuse("The envelope is not trusted to act by itself any more.");
  }
  const using = rows(tx.db)`update permit set redeemed_at = ${now}
    where project_id = ${projectId} and permit_id = ${permitId} and redeemed_at is null returning 1`;
  const beginning = rows(
    tx.db,
  )`update self_heal_attempts set state = 'running', started_at = ${now}, node_id = ${given.nodeId}, version = version + 1
    where project_id = ${projectId} and attempt_id = ${attemptId} and state = 'permitted' returning 1`;
  const [used, begun] = await Promise.all([using, beginning]);
  if (used.length === 0) throw refuse("It has been redeemed already.");
  // Another server may have taken it back since it was read.
  if (begun.length === 0) throw refuse("Its attempt is over.");
  // Of whoever asks by hand the envelope says how long its action may take.
  const byHandMs = REPORT_MS + (enveloped?.timeout ?? 0);
  const patienceMs = subject.kind === "trigger" ? (trigger?.remedies[permit.rung]?.timeout_ms ?? byHandMs) : byHandMs;
  setWork(tx, attemptId, { kind: ABANDON, projectId, dueAt: now + patienceMs, payload: { attempt: attemptId } });
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "attempt_started",
    project: projectId,
    attempt: attemptId,
    intent: permit.audit_log_id,
  });
  return {
    permitId,
    attemptId,
    projectId,
    action: permit.action,
    target: permit.target,
    args,
    fence,
    expiresAt: permit.expires_at,
  };
}

/** What was permitted inside an envelope is done inside it, while its switch says yes. null: there is none around it. */
function envelopedAction(book: EnvelopeBook, { project_id, action, target }: Permitted, args: Args): FixAction | null {
  const named = args[ENVELOPE];
  if (named === undefined) return null;
  const envelope = typeof named === "string" ? named : "";
  const governing = book.of({ projectId: project_id, envelope, action, target, remedy: null });
  if (!governing?.envelope || !governing.isOn) throw refuse("The envelope has been switched off.");
  const listed = definitionIn(governing.envelope, action, target);
  if (!listed) throw refuse("The envelope does not list it any more.");
  return listed;
}

const refuse = (detail: string) => new PrunellaError("PRUNELLA_PERMIT_INVALID", { detail });
