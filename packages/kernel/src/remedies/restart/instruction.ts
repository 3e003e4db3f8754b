import type { Instruction } from "@prunella/contract";
import type { Engine } from "../../store/engine.ts";
import { rows } from "../../store/rows.ts";
import type { Tables } from "../../store/tables.ts";
import { noSuchRun, type Run } from "./run.ts";
import { RESTART } from "./trigger.ts";

type Attempt = Tables["self_heal_attempts"];

/**
 * A run, what the gate said of it since it came into its present state, and the permit that waits for it.
 * One trigger's permit stands, whatever the gate has told another one of this target since.
 */
export interface View extends Run {
  readonly attempt_id: string | null;
  readonly attempt_state: Attempt["state"] | null;
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
    select r.*, a.attempt_id, a.state as attempt_state, a.refusal, a.refusal_detail, a.subject_kind, a.subject_id, p.permit_id, p.fence, p.not_before
    from supervised r
    left join self_heal_attempts a on a.project_id = r.project_id and a.attempt_id = coalesce((
      select attempt_id from self_heal_attempts where project_id = r.project_id and target = r.target and action = ${RESTART} and created_at >= r.since
        and state in ('permitted', 'running') and state = 'permitted' order by created_at desc, attempt_id desc limit 1), (
      select attempt_id from self_heal_attempts where project_id = r.project_id and target = r.target and action = ${RESTART} and created_at >= r.since
        and (refusal is null or refusal <> 'untrusted_source') order by created_at desc, attempt_id desc limit 1))
    left join permit p on p.project_id = a.project_id and p.attempt_id = a.attempt_id and p.redeemed_at is null
    where r.run_id = ${runId}`;
  if (!view) throw noSuchRun();
  return view;
}

/** Cheap, before anything is written: it waits, and perhaps nothing was said to it that stands. */
export const mayBeForgotten = (view: View): boolean =>
  view.state === "waiting" &&
  (view.attempt_state === null || view.attempt_state === "abandoned" || view.refusal === "ceiling_reached");

/**
 * What the supervisor of a run is to do now. `seen` is the attempt it was told about last, so that
 * it hears of a refusal once.
 */
export async function nextInstruction(db: Engine["reader"], view: View, seen: string | null): Promise<Instruction> {
  if (view.state === "down" || view.state === "gone") {
    const decided = await db
      .selectFrom("escalation_attempts")
      .select("escalation_id")
      .where("project_id", "=", view.project_id)
      .where("target", "=", view.target)
      .where("status", "in", ["decided", "expired"])
      .orderBy("decided_at", "desc")
      .limit(1)
      .executeTakeFirst();
    return { kind: "stop", escalation_id: view.state === "down" ? (decided?.escalation_id ?? null) : null };
  }
  if (view.state !== "waiting" || view.attempt_id === null) return { kind: "wait" };
  const { attempt_id, permit_id, fence, not_before, subject_kind, subject_id } = view;
  if (view.attempt_state === "permitted") {
    if (permit_id === null || fence === null || not_before === null || subject_kind === null || subject_id === null)
      return { kind: "wait" };
    return {
      kind: "restart",
      attempt_id,
      permit_id,
      fence,
      not_before,
      subject: { kind: subject_kind, id: subject_id },
    };
  }
  if (view.attempt_state !== "refused" || attempt_id === seen) return { kind: "wait" };
  const [escalation] = await rows<{ escalation_id: string }>(db)`select escalation_id from escalation_attempts
    where project_id = ${view.project_id} and target = ${view.target} and status = 'open' limit 1`;
  return {
    kind: "hold",
    attempt_id,
    refusal: view.refusal ?? "",
    detail: view.refusal_detail ?? "",
    escalation_id: escalation?.escalation_id ?? null,
  };
}

/**
 * What the gate last said of a restart since the run came into its present state. `answer`: but for what
 * it refused because another attempt was under way, for then that one is the answer, whatever became of it.
 */
export async function newestAttempt(
  db: Engine["reader"],
  run: Run,
  which: "answer" | "any" = "any",
): Promise<Attempt | undefined> {
  return (
    db
      .selectFrom("self_heal_attempts")
      .selectAll()
      .$if(which === "answer", (query) =>
        query.where(({ or, eb }) => or([eb("refusal", "is", null), eb("refusal", "<>", "ceiling_reached")])),
      )
      .where("project_id", "=", run.project_id)
      .where("target", "=", run.target)
      .where("action", "=", RESTART)
      .where("created_at", ">=", run.since)
      // A public event that names the program is judged too, and tells its supervisor nothing.
      .where(({ or, eb }) => or([eb("refusal", "is", null), eb("refusal", "<>", "untrusted_source")]))
      .orderBy("created_at", "desc")
      .orderBy("attempt_id", "desc")
      .limit(1)
      .executeTakeFirst()
  );
}
