import type { Instruction } from "@prunella/contract";
import type { Engine } from "../../store/engine.ts";
import { rows } from "../../store/rows.ts";
import type { Tables } from "../../store/tables.ts";
import { noSuchRun, type Run } from "./run.ts";
import { ownTrigger, RESTART, START, STOP } from "./trigger.ts";

/** Another attempt is the answer; a public event that names the program is judged too, and tells nothing. */
const NO_ANSWER = ["ceiling_reached", "untrusted_source"];

type Attempt = Tables["self_heal_attempts"];

/**
 * A run, what the gate said of it since it came into its present state, and the permit that waits for it.
 * One trigger's permit stands, whatever the gate has told another one of this target since.
 */
export interface View extends Run {
  readonly attempt_id: string | null;
  readonly attempt_state: Attempt["state"] | null;
  readonly action: string | null;
  readonly refusal: string | null;
  readonly refusal_detail: string | null;
  readonly subject_kind: Attempt["subject_kind"] | null;
  readonly subject_id: string | null;
  readonly permit_id: string | null;
  readonly fence: number | null;
  readonly not_before: number | null;
}

/** Everything in one statement: a supervisor that waits reads it again at each change of its program. */
export async function readView(db: Engine["reader"], runId: string): Promise<View> {
  const [view] = await rows<View>(db)`
    select r.*, a.attempt_id, a.state as attempt_state, a.action, a.refusal, a.refusal_detail, a.subject_kind, a.subject_id, p.permit_id, p.fence, p.not_before
    from supervised r
    left join self_heal_attempts a on a.project_id = r.project_id and a.attempt_id = coalesce((
      select attempt_id from self_heal_attempts where project_id = r.project_id and target = r.target and action in (${RESTART}, ${START}, ${STOP})
        and (created_at >= r.since or because_kind = 'call') and ended_at is null and state = 'permitted' order by created_at desc, attempt_id desc limit 1), (
      select attempt_id from self_heal_attempts where project_id = r.project_id and target = r.target and action = ${RESTART} and created_at >= r.since
        and because_kind <> 'call' and (refusal is null or refusal <> 'untrusted_source') order by created_at desc, attempt_id desc limit 1))
    left join permit p on p.project_id = a.project_id and p.attempt_id = a.attempt_id and p.redeemed_at is null
    where r.run_id = ${runId}`;
  if (!view) throw noSuchRun();
  return view;
}

/**
 * What the supervisor of a run is to do now. `seen` is the attempt it was told about last, so that
 * it hears of a refusal once.
 */
export async function nextInstruction(db: Engine["reader"], view: View, seen: string | null): Promise<Instruction> {
  if (view.state === "gone") return { kind: "over" };
  if (view.attempt_state === "permitted") return permitted(view) ?? { kind: "wait" };
  if (view.state === "stopped") {
    const stopped = `stopped-${view.since}`;
    return stopped === seen
      ? { kind: "wait" }
      : { kind: "stopped", seen: stopped, escalation_id: await decidedBy(db, view) };
  }
  if (view.state !== "waiting" || view.attempt_id === null) return { kind: "wait" };
  if (view.attempt_state !== "refused") return { kind: "wait" };
  const { question, ...held } = await whatHolds(db, view, view.attempt_id);
  if (held.attempt_id === seen) return { kind: "wait" };
  return { kind: "hold", ...held, escalation_id: question };
}

const KINDS: Readonly<Record<string, "restart" | "start" | "stop">> = {
  [RESTART]: "restart",
  [START]: "start",
  [STOP]: "stop",
};

/** What may be done now; null when it has begun, or is of another version. */
function permitted(view: View): Instruction | null {
  const { attempt_id, permit_id, fence, not_before, subject_kind, subject_id } = view;
  const kind = KINDS[view.action ?? ""];
  if (kind === undefined || attempt_id === null || permit_id === null || fence === null) return null;
  if (not_before === null || subject_kind === null || subject_id === null) return null;
  return { kind, attempt_id, permit_id, fence, not_before, subject: { kind: subject_kind, id: subject_id } };
}

/** The question whose answer left it stopped; null when a person stopped it by hand. */
async function decidedBy(db: Engine["reader"], view: View): Promise<string | null> {
  const [decided] = await rows<{ escalation_id: string; decided_at: number }>(db)`
    select escalation_id, decided_at from escalation_attempts
    where project_id = ${view.project_id} and target = ${view.target} 
      and (status = 'decided' or (status = 'expired' and decided_at >= expires_at))
    order by opened_at desc limit 1`;
  return decided && decided.decided_at >= view.since ? decided.escalation_id : null;
}

interface Held {
  readonly attempt_id: string;
  readonly refusal: string;
  readonly detail: string;
  readonly question: string | null;
}

/** While a question is open, the refusal that asked it; what another trigger was told since says nothing new. */
async function whatHolds(db: Engine["reader"], view: View, attemptId: string): Promise<Held> {
  const newest = { attempt_id: attemptId, refusal: view.refusal ?? "", detail: view.refusal_detail ?? "" };
  const [question] = await rows<{ id: string; attempt_id: string | null; detail: string | null; reason: string }>(db)`
    select e.escalation_id as id, e.reason, a.attempt_id, a.refusal_detail as detail
    from escalation_attempts e
    left join self_heal_attempts a on a.project_id = e.project_id and a.attempt_id = (
      select attempt_id from self_heal_attempts where project_id = e.project_id and target = e.target and action = ${RESTART}
        and created_at >= ${view.since} and refusal = e.reason order by created_at desc, attempt_id desc limit 1)
    where e.project_id = ${view.project_id} and e.target = ${view.target} and e.status = 'open' limit 1`;
  if (!question?.attempt_id) return { ...newest, question: question?.id ?? null };
  return {
    attempt_id: question.attempt_id,
    refusal: question.reason,
    detail: question.detail ?? "",
    question: question.id,
  };
}

/**
 * What the gate last said of restarting a run since it came into its present state: whatever was begun, by
 * whichever trigger, or what its own trigger was refused. Not an answer are a refusal because another
 * attempt was under way, for then that one is the answer, whatever became of it, and what another trigger of this target was refused.
 */
export async function newestAnswer(db: Engine["reader"], run: Run): Promise<Attempt | undefined> {
  return db
    .selectFrom("self_heal_attempts")
    .selectAll()
    .where("project_id", "=", run.project_id)
    .where("target", "=", run.target)
    .where("action", "=", RESTART)
    .where("created_at", ">=", run.since)
    .where(({ or, and, eb }) =>
      or([
        eb("refusal", "is", null),
        and([eb("trigger_id", "=", ownTrigger(run.target)), eb("refusal", "not in", NO_ANSWER)]),
      ]),
    )
    .orderBy("created_at", "desc")
    .orderBy("attempt_id", "desc")
    .limit(1)
    .executeTakeFirst();
}
