import { z } from "zod";
import { Level, Source } from "./event.ts";
import { Millis, ProjectId, TargetId, TriggerId, Uuid } from "./ids.ts";

/**
 * Why the gate said no. Order and list are complete from day one; the number of a check is its row
 * in DESIGN section 4. `<provider>_token_unset` is the one open family.
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
};

export const Refusal = z.union([
  KnownRefusal,
  z.templateLiteral([z.string().regex(/^[a-z0-9]{1,32}$/), "_token_unset"]),
]);
export type Refusal = z.infer<typeof Refusal>;

/** A corrective action. In this version one remedy acts: `restart`. */
export const Remedy = z.enum(["restart", "wake", "clear", "file_issue", "revert", "propose_fix"]);
export type Remedy = z.infer<typeof Remedy>;

/** At most `max` starts within any window of `window_ms`. */
export const Budget = z.strictObject({
  max: z.int().min(0).meta({
    description: "At most so many attempts may start within the window; 0 allows none.",
    "x-unit": "attempts",
  }),
  window_ms: z.int().min(1).meta({ description: "Length of the window, which slides.", "x-unit": "milliseconds" }),
});
export type Budget = z.infer<typeof Budget>;

/** Wait before the n-th restart of a streak: `min(max_ms, base_ms * 2^(n-2))`, and 0 before the first. */
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
  actions: z.array(Remedy),
  /** Exact targets. A pattern would be a way to widen. */
  targets: z.array(TargetId),
  /** Sources whose events this remedy itself will cause while it runs, so they never trigger it. */
  expected_symptoms: z.array(Source),
  /** An effect needs trust `authenticated` or `local` unless this says otherwise. */
  allow_public: z.boolean(),
  /** What stays out, in words, for a person to read. */
  excludes: z.array(z.string()),
});
export type Envelope = z.infer<typeof Envelope>;

/** A registered condition with a remedy, a debounce, budgets and a ceiling. */
export const Trigger = z.strictObject({
  id: TriggerId,
  project_id: ProjectId,
  /** Holds for an event that names this target and is at least this severe. */
  condition: z.strictObject({ target: TargetId, min_level: Level }),
  remedy: Remedy.nullable(),
  debounce: z.strictObject({ count: z.int().min(1), window_ms: z.int().min(1) }),
  budget: Budget,
  /** Attempts of this trigger that may be active at once. */
  ceiling: z.int().min(1),
  backoff: Backoff,
  /** Quiet watch: a remedy has held when this long passed without another failure. */
  verify_ms: z.int().min(1),
  envelope: Envelope,
  version: z.int().min(1),
});
export type Trigger = z.infer<typeof Trigger>;

/**
 * permitted → running → succeeded | failed; permitted → expired; any → abandoned (found without an
 * outcome at start-up). refused is final.
 */
export const AttemptState = z.enum(["refused", "permitted", "running", "succeeded", "failed", "expired", "abandoned"]);
export type AttemptState = z.infer<typeof AttemptState>;

export const Verification = z.enum(["watching", "held", "ineffective"]);
export type Verification = z.infer<typeof Verification>;

/** One passage through the gate, whatever came of it. */
export const Attempt = z.strictObject({
  id: Uuid,
  project_id: ProjectId,
  trigger_id: TriggerId,
  fault_id: Uuid.nullable(),
  target: z.string(),
  remedy: Remedy.nullable(),
  /** `policy`: a trigger fired by itself. `person`: someone decided, with a cap of their own. */
  authority: z.enum(["policy", "person"]),
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

export const Decision = z.enum(["restart_once", "leave_stopped"]);
export type Decision = z.infer<typeof Decision>;

/** What a person must decide; one per episode. */
export const Escalation = z.strictObject({
  id: Uuid,
  project_id: ProjectId,
  trigger_id: TriggerId,
  fault_id: Uuid.nullable(),
  target: z.string(),
  /** The refusal or failed verification that led here. */
  reason: z.union([Refusal, z.literal("ineffective")]),
  status: z.enum(["open", "decided", "expired"]),
  options: z.array(Decision),
  /** Taken when nobody decides until `expires_at`. */
  default_decision: Decision,
  decision: Decision.nullable(),
  decided_by: z.string().nullable(),
  opened_at: Millis,
  expires_at: Millis,
  decided_at: Millis.nullable(),
  /** Failures that came in while this stood open. */
  failures_since: z.int().min(0),
  version: z.int().min(1),
});
export type Escalation = z.infer<typeof Escalation>;
