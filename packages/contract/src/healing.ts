import { z } from "zod";
import { boundedCondition } from "./condition.ts";
import { ActionWindow } from "./action-window.ts";
import { Level, Source, Trust } from "./event.ts";
import { EnvelopeTarget } from "./envelope-target.ts";
import { Millis, ProjectId, Slug, SubjectId, Target, TriggerId, Uuid } from "./ids.ts";

/**
 * Why the gate said no. Order and list are complete from day one; the number is that of the gate's
 * check in ARCHITECTURE.md. Open families: `<provider>_token_unset` of check 4, and `target_is_<state>`
 * of check 8, of a target that must be left alone for now.
 */
const KnownRefusal = z.enum([
  "unknown_trigger",
  "unknown_remedy",
  "unknown_plugin",
  "unknown_probe",
  "detect_only",
  "self",
  "expected_symptom",
  "untrusted_source",
  "killed",
  "paused",
  "envelope_disabled",
  "plugin_disabled",
  "not_granted",
  "artifact_changed",
  "action_not_in_envelope",
  "target_id_invalid",
  "outside_window",
  "storm",
  "debounced",
  "budget_exhausted",
  "ceiling_reached",
  "target_not_found",
  "target_already_healthy",
  "awaiting_approval",
  "approval_expired",
  "dry_run",
  "observed",
  "proposed",
]);

/** The number of each refusal's check. */
export const REFUSALS: Record<z.infer<typeof KnownRefusal>, number> = {
  unknown_trigger: 1,
  unknown_remedy: 1,
  unknown_plugin: 1,
  unknown_probe: 1,
  detect_only: 1,
  self: 2,
  expected_symptom: 2,
  untrusted_source: 2,
  killed: 3,
  paused: 3,
  envelope_disabled: 3,
  plugin_disabled: 3,
  not_granted: 4,
  artifact_changed: 4,
  action_not_in_envelope: 5,
  target_id_invalid: 5,
  outside_window: 6,
  storm: 6,
  debounced: 6,
  budget_exhausted: 7,
  ceiling_reached: 7,
  target_not_found: 8,
  target_already_healthy: 8,
  awaiting_approval: 9,
  approval_expired: 9,
  dry_run: 9,
  observed: 9,
  proposed: 9,
};

export const Refusal = z.union([
  KnownRefusal,
  z.templateLiteral([z.string().regex(/^[a-z0-9]{1,32}$/), "_token_unset"]),
  z.templateLiteral(["target_is_", z.string().regex(/^[a-z]{1,32}$/)]),
]);
export type Refusal = z.infer<typeof Refusal>;

/** Who asks the gate for an effect. */
export const Subject = z.strictObject({ kind: z.enum(["trigger", "grant", "person"]), id: SubjectId });
export type Subject = z.infer<typeof Subject>;

/** Who did something that is not an effect: decided, switched, added. `default`: time ran out. */
export const Actor = z.strictObject({
  kind: z.enum(["person", "grant", "system", "default"]),
  id: SubjectId.nullable(),
});
export type Actor = z.infer<typeof Actor>;

/** Why a subject may: the evaluation, escalation, approval or call that asked, by its id. */
export const Because = z.strictObject({ kind: z.enum(["evaluation", "escalation", "approval", "call"]), id: Uuid });
export type Because = z.infer<typeof Because>;

/** The failure behind a request: where it was seen, how far that is believed, how bad it was. */
export const Cause = z.strictObject({ source: Source, trust: Trust, level: Level });
export type Cause = z.infer<typeof Cause>;

/** What a remedy takes beside its target. Flat, so that it can be shown, pinned and compared. */
export const Args = z.record(
  z.string().regex(/^[a-z][a-z0-9_]{0,47}$/),
  z.union([z.string().max(1_000), z.number(), z.boolean(), z.null()]),
);
export type Args = z.infer<typeof Args>;

/** Over what attempts are counted: one trigger's, one target's, a project's, or all. */
export const Scope = z.enum(["trigger", "target", "project", "global"]);
export type Scope = z.infer<typeof Scope>;

/** At most `max` starts within any window of `window_ms`. */
const window = {
  max: z.int().min(0).meta({
    description: "At most so many attempts may start within the window; 0 allows none.",
    "x-unit": "attempts",
  }),
  window_ms: z.int().min(1).meta({ description: "Length of the window, which slides.", "x-unit": "milliseconds" }),
};
export const Window = z.strictObject(window);
export const Budget = z.strictObject({ scope: Scope, ...window });
export type Budget = z.infer<typeof Budget>;

/** Attempts that may be active at once within a scope. */
export const Ceiling = z.strictObject({ scope: Scope, max: z.int().min(1) });
export type Ceiling = z.infer<typeof Ceiling>;

/** Several windows may stand beside each other; of ceilings there is one for each scope. */
const limits = {
  budgets: z.array(Budget).max(16),
  ceilings: z
    .array(Ceiling)
    .max(4)
    .refine((list) => new Set(list.map((one) => one.scope)).size === list.length, "one ceiling for each scope"),
};

/** Wait before the n-th attempt of a streak: `min(max_ms, base_ms * 2^(n-2))`, and 0 before the first. */
export const Backoff = z.strictObject({
  base_ms: z.int().min(0).meta({
    description: "Wait before the second attempt of a streak; it doubles with each further one.",
    "x-unit": "milliseconds",
  }),
  max_ms: z.int().min(0).meta({ description: "Longest wait.", "x-unit": "milliseconds" }),
});

/** What a remedy may touch. Nothing in here is on unless someone said so. */
export const Envelope = z.strictObject({
  /** The switch. Anything but an explicit true is off. */
  enabled: z.boolean(),
  actions: z.array(Slug),
  /** Exact targets. A pattern would be a way to widen. */
  targets: z.array(Target),
  /** Sources whose events this remedy itself will cause while it runs, so they never trigger it. */
  expected_symptoms: z.array(Source),
  /** An effect needs trust `authenticated` or `local` unless this says otherwise. */
  allow_public: z.boolean(),
  /** What stays out, in words, for a person to read. */
  excludes: z.array(z.string()),
});
export type Envelope = z.infer<typeof Envelope>;

/**
 * When most targets are down at once, one by one is the wrong answer: with fewer than `min_healthy` of them well
 * nothing is done for `cooldown_ms`, and then only about those that are still bad. `trigger`: of the targets of its
 * envelope; `project`: of all targets that the project's triggers have the same remedy for.
 */
export const Storm = z.strictObject({
  over: z.enum(["trigger", "project"]),
  min_healthy: z.int().min(1),
  cooldown_ms: z.int().min(1),
});
export type Storm = z.infer<typeof Storm>;

/** One rung of a trigger's ladder. */
export const LadderRung = z.strictObject({
  /** An action of the remedy registry. */
  action: Slug,
  args: Args,
  /** Whoever carries it out has so long; then it counts as failed, and the next rung is asked for. */
  timeout_ms: z.int().min(1_000).max(3_600_000),
});
export type LadderRung = z.infer<typeof LadderRung>;

/** A registered condition with a ladder of remedies, a debounce, budgets and ceilings. */
export const Trigger = z.strictObject({
  id: TriggerId,
  project_id: ProjectId,
  condition: boundedCondition,
  /** What its remedies act on; null: what the event names. */
  target: Target.nullable(),
  /** From the first on, each when the one before did not help; after the last a person. None: it only watches. */
  remedies: z.array(LadderRung).max(8),
  debounce: z.strictObject({ count: z.int().min(1), window_ms: z.int().min(1) }),
  ...limits,
  backoff: Backoff,
  /** Quiet watch: a remedy has held when this long passed without another failure. */
  verify_ms: z.int().min(1),
  envelope: Envelope,
  /** `dry_run`: passes through every check, is recorded, and never gets a permit. */
  mode: z.enum(["act", "dry_run"]),
  storm: Storm.nullable(),
  windows: z.strictObject({
    /** Somebody works on the target then: policy does nothing and asks nobody. */
    maintenance: z.array(ActionWindow).max(16),
    /** Policy does nothing then; a person is asked where the target stays down. */
    quiet: z.array(ActionWindow).max(16),
  }),
  /** A failure of at least this level that it acts or asks about opens a corrective sprint at once; null: none does. */
  sprint_at: Level.nullable(),
  /** `all`: each evaluation leaves a row, also one that did not hold; up to a number an hour. */
  log_evaluations: z.enum(["held", "all"]),
  version: z.int().min(1),
});
export type Trigger = z.infer<typeof Trigger>;

/** What a trigger is that acts at all times, and of which nothing more than usual is kept. */
export const AT_ALL_TIMES: Pick<Trigger, "mode" | "storm" | "windows" | "sprint_at" | "log_evaluations"> = {
  mode: "act",
  storm: null,
  windows: { maintenance: [], quiet: [] },
  sprint_at: null,
  log_evaluations: "held",
};

/** How much of a trigger's budgets and ceilings is used now. */
export const TriggerUse = z.strictObject({
  budgets: z.array(Budget.extend({ used: z.int().min(0), next_free_at: Millis.nullable() })),
  ceilings: z.array(Ceiling.extend({ active: z.int().min(0) })),
});
export type TriggerUse = z.infer<typeof TriggerUse>;

/** Trust given to one caller from outside, for exact actions on exact targets. Its key is kept hashed. */
export const Grant = z.strictObject({
  id: SubjectId,
  project_id: ProjectId,
  actions: z.array(Slug).min(1),
  targets: z.array(EnvelopeTarget).min(1),
  ...limits,
  created_at: Millis,
  expires_at: Millis.nullable(),
  revoked_at: Millis.nullable(),
});
export type Grant = z.infer<typeof Grant>;

/**
 * permitted → running → succeeded | failed; permitted → expired; running → abandoned (nobody said how
 * it ended). refused is final.
 */
export const AttemptState = z.enum(["refused", "permitted", "running", "succeeded", "failed", "expired", "abandoned"]);
export type AttemptState = z.infer<typeof AttemptState>;

export const Verification = z.enum(["watching", "held", "ineffective"]);
export type Verification = z.infer<typeof Verification>;

/** One passage through the gate, whatever came of it. */
export const Attempt = z.strictObject({
  id: Uuid,
  project_id: ProjectId,
  subject: Subject,
  /** Whose envelope bounds it; null when a person or a grant asked without a trigger. */
  trigger_id: TriggerId.nullable(),
  fault_id: Uuid.nullable(),
  target: z.string(),
  /** null when the trigger has none. */
  action: Slug.nullable(),
  /** Pinned by the intent's digest. */
  args: Args,
  because: Because,
  cause: Cause.nullable(),
  state: AttemptState,
  refusal: Refusal.nullable(),
  /** One sentence of our own making: what refused, and the switch that would change it. */
  refusal_detail: z.string().nullable(),
  verification: Verification.nullable(),
  /** How many equal refusals this row stands for. */
  count: z.int().min(1),
  /** Index of the ledger entry that came first. */
  audit_log_id: z.int().min(0),
  created_at: Millis,
  /** Not before this may the permit be redeemed (backoff). */
  not_before: Millis.nullable(),
  started_at: Millis.nullable(),
  ended_at: Millis.nullable(),
  verified_at: Millis.nullable(),
  version: z.int().min(1),
});
export type Attempt = z.infer<typeof Attempt>;

/** The name of a choice that a question offers. */
export const Decision = Slug;
export type Decision = z.infer<typeof Decision>;

/** One answer that a person can give. `act` asks the gate with their authority; `leave` changes nothing outside. */
export const Choice = z.strictObject({
  name: Decision,
  effect: z.enum(["act", "leave"]),
  label: z.string(),
  /** What choosing it promises, in whole sentences. */
  promise: z.string(),
  /** What is then the case, after the target's name: "is restarted once more". */
  done: z.string(),
});
export type Choice = z.infer<typeof Choice>;

/** Why a person is asked: a refusal, an effect that did not help or that nobody can vouch for, or a step of our own that keeps failing. */
export const EscalationReason = z.union([Refusal, z.enum(["ineffective", "step_failed"])]);
export type EscalationReason = z.infer<typeof EscalationReason>;

/** What somebody says of a question without answering it: seen, later, I see to it. It is over by itself. */
export const EscalationHold = z.enum(["acked", "snoozed", "taken_over"]);
export type EscalationHold = z.infer<typeof EscalationHold>;

/** What a person must decide; one per episode. */
export const Escalation = z.strictObject({
  id: Uuid,
  project_id: ProjectId,
  /** null: not about a trigger but about a step of our own. */
  trigger_id: TriggerId.nullable(),
  /** What asks: an action of the remedy registry, or `work`. */
  asker: Slug,
  fault_id: Uuid.nullable(),
  target: z.string(),
  reason: EscalationReason,
  cause: Cause.nullable(),
  /** What an answer that acts has done, with these arguments and no others; null: nobody could see them when it was asked. */
  args: Args.nullable(),
  status: z.enum(["open", "decided", "expired"]),
  /** What is asked, in one sentence. */
  question: z.string(),
  options: z.array(Choice),
  /** Taken when nobody decides until `expires_at`. */
  default_decision: Decision,
  decision: Decision.nullable(),
  decided_by: Actor.nullable(),
  opened_at: Millis,
  expires_at: Millis,
  decided_at: Millis.nullable(),
  /** Until when an answer that acts may be carried out; null: none was given. */
  approved_until: Millis.nullable(),
  /** Why, in the words of who decided; null when they gave none. */
  note: z.string().nullable(),
  hold: EscalationHold.nullable(),
  held_by: Actor.nullable(),
  /** When everybody is told again. */
  held_until: Millis.nullable(),
  /** Failures that came in while this stood open. */
  failures_since: z.int().min(0),
  version: z.int().min(1),
});
export type Escalation = z.infer<typeof Escalation>;

/** What holds a run of a plugin here: an engine of the sandbox, or the layer around a program. */
export const HeldBy = z.enum(["deno", "deno+bwrap", "node+bwrap", "bwrap"]);
export type HeldBy = z.infer<typeof HeldBy>;
