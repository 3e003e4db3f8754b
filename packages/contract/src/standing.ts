import { z } from "zod";
import { ActionWindow } from "./action-window.ts";
import { Actor, Args, AttemptState, EscalationReason, Verification } from "./healing.ts";
import { Millis, ProjectId, Slug, Target, TriggerId, Uuid } from "./ids.ts";

/** A named reason why policy stands still; several may stand beside each other, and each is lifted on its own. */
export const Pause = z.strictObject({
  id: Uuid,
  project_id: ProjectId,
  /** null: the whole project. */
  trigger_id: TriggerId.nullable(),
  reason: z.string(),
  owner: Actor,
  since: Millis,
  /** It ends by itself then; null: somebody lifts it. */
  until: Millis.nullable(),
  audit_log_id: z.int().min(0),
});
export type Pause = z.infer<typeof Pause>;

/** A window during which somebody works on targets: policy does nothing about them and asks nobody. */
export const Maintenance = z.strictObject({
  id: Uuid,
  /** null: of all. */
  project_id: ProjectId.nullable(),
  /** null: all of them. */
  target: Target.nullable(),
  window: ActionWindow,
  reason: z.string(),
  owner: Actor,
  created_at: Millis,
  /** It is open, until then; null: it is not. */
  open_until: Millis.nullable(),
  audit_log_id: z.int().min(0),
});
export type Maintenance = z.infer<typeof Maintenance>;

/** A person's widening of a trigger's own budgets: for so many attempts, and until then. */
export const Override = z.strictObject({
  id: Uuid,
  project_id: ProjectId,
  trigger_id: TriggerId,
  extra: z.int().min(1),
  taken: z.int().min(0),
  reason: z.string(),
  by: Actor,
  created_at: Millis,
  expires_at: Millis,
  audit_log_id: z.int().min(0),
});
export type Override = z.infer<typeof Override>;

/** A person's yes that came before its question: for exactly this, once, until then. */
export const Approval = z.strictObject({
  id: Uuid,
  project_id: ProjectId,
  /** null: whichever asks. */
  trigger_id: TriggerId.nullable(),
  /** A remedy. */
  action: Slug,
  target: Target,
  /** All arguments of what may be done, as it would have been done when it was given. */
  args: Args,
  reason: z.string(),
  by: Actor,
  given_at: Millis,
  expires_at: Millis,
  status: z.enum(["waiting", "used", "expired", "withdrawn"]),
  /** The question that it answered; null: none. */
  escalation_id: Uuid.nullable(),
  ended_by: Actor.nullable(),
  ended_at: Millis.nullable(),
  audit_log_id: z.int().min(0),
});
export type Approval = z.infer<typeof Approval>;

const evidence = { id: Uuid, at: Millis, audit_log_id: z.int().min(0) };

/** What speaks for the repair of a cause: ids, counts and the releases that it may have come with. */
export const SprintBrief = z.strictObject({
  goal: z.literal("repair_cause"),
  since: Millis,
  counts: z.strictObject({
    escalations: z.int().min(0),
    ineffective: z.int().min(0),
    attempts: z.int().min(0),
  }),
  attempts: z.array(
    z.strictObject({ ...evidence, action: Slug, state: AttemptState, verification: Verification.nullable() }),
  ),
  escalations: z.array(z.strictObject({ ...evidence, reason: EscalationReason })),
  suspects: z.array(z.strictObject({ release: z.string(), why: z.string() })),
});
export type SprintBrief = z.infer<typeof SprintBrief>;

/** The repair of a cause, asked for by its evidence; one is open for each fault. */
export const Sprint = z.strictObject({
  id: Uuid,
  project_id: ProjectId,
  trigger_id: TriggerId.nullable(),
  fault_id: Uuid.nullable(),
  fault_title: z.string().nullable(),
  target: z.string(),
  /** `repeated`: the same came back so often; `severity`: once was enough. */
  reason: z.enum(["repeated", "severity"]),
  brief: SprintBrief,
  opened_at: Millis,
  closed_at: Millis.nullable(),
  closed_by: Actor.nullable(),
  close_reason: z.string().nullable(),
  audit_log_id: z.int().min(0),
});
export type Sprint = z.infer<typeof Sprint>;

/** Something that was tried, is exhausted and not solved. */
export const AwayItem = z.strictObject({
  project_id: ProjectId,
  escalation_id: Uuid,
  trigger_id: TriggerId.nullable(),
  fault_id: Uuid.nullable(),
  fault_title: z.string().nullable(),
  target: z.string(),
  action: Slug,
  reason: EscalationReason,
  status: z.enum(["open", "expired"]),
  /** Attempts in the week before the question. */
  tried: z.int().min(1),
  opened_at: Millis,
  failures_since: z.int().min(0),
  audit_log_id: z.int().min(0),
});
export type AwayItem = z.infer<typeof AwayItem>;
