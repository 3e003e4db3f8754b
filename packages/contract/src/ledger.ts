import { z } from "zod";
import { DrillVerdict } from "./drill.ts";
import { FaultStatus } from "./fault.ts";
import { EnvelopeStage } from "./fix-envelope.ts";
import {
  Actor,
  Because,
  Budget,
  Cause,
  Ceiling,
  Decision,
  EscalationHold,
  EscalationReason,
  Refusal,
  Subject,
} from "./healing.ts";
import { ProbeName } from "./envelope-target.ts";
import { PLUGIN_ENTRIES } from "./ledger-plugins.ts";
import { Role } from "./people.ts";
import { WatchName } from "./probe-config.ts";
import { Millis, ProjectId, Sha256, Slug, SubjectId, Target, TriggerId, Uuid } from "./ids.ts";

/**
 * Ledger entries: ids, enums, numbers and salted hashes, never free text or names. The stored leaf
 * is the canonical JSON of one of these (RFC 8785: keys sorted, no white space). Final from leaf 0:
 * a new need is a new type or a new optional field. docs/ledger.md lists them.
 */
const base = { v: z.literal(1), at: Millis };
const by = { by: Actor };
/** An attempt, and the index of its intent. */
const ofAttempt = { project: ProjectId, attempt: Uuid, intent: z.int() };

export const LEDGER_ENTRIES = {
  genesis: z.strictObject({
    ...base,
    type: z.literal("genesis"),
    origin: z.string(),
    vkey_sha256: Sha256,
    software: z.string(),
  }),
  project_added: z.strictObject({ ...base, type: z.literal("project_added"), project: ProjectId, ...by }),
  project_changed: z.strictObject({
    ...base,
    type: z.literal("project_changed"),
    project: ProjectId,
    change: z.enum(["renamed", "deletion_begun", "deletion_undone", "deleted"]),
    ...by,
  }),
  project_key_changed: z.strictObject({
    ...base,
    type: z.literal("project_key_changed"),
    project: ProjectId,
    key_sha256: Sha256,
    /** `ending`: taken until the moment in `ends_at`. */
    change: z.enum(["added", "ending", "revoked"]),
    ends_at: Millis.nullable(),
    ...by,
  }),
  retention_changed: z.strictObject({
    ...base,
    type: z.literal("retention_changed"),
    project: ProjectId,
    /** Over the canonical JSON of what people changed; null: it is again as the configuration says. */
    policy_sha256: Sha256.nullable(),
    ...by,
  }),
  trigger_registered: z.strictObject({
    ...base,
    type: z.literal("trigger_registered"),
    project: ProjectId,
    trigger: TriggerId,
    policy_sha256: Sha256,
    version: z.int(),
  }),
  trigger_removed: z.strictObject({
    ...base,
    type: z.literal("trigger_removed"),
    project: ProjectId,
    trigger: TriggerId,
    /** The one that stood last. */
    version: z.int(),
  }),
  config_reloaded: z.strictObject({
    ...base,
    type: z.literal("config_reloaded"),
    /** Of the file's bytes: before, null when it is not known, and now. */
    before_sha256: Sha256.nullable(),
    after_sha256: Sha256,
    ...by,
  }),
  grant_changed: z.strictObject({
    ...base,
    type: z.literal("grant_changed"),
    project: ProjectId,
    grant: SubjectId,
    /** Over the grant's canonical JSON; null: it was revoked. */
    policy_sha256: Sha256.nullable(),
    ...by,
  }),
  person_changed: z.strictObject({
    ...base,
    type: z.literal("person_changed"),
    person: SubjectId,
    change: z.enum(["added", "role", "invited", "joined", "removed"]),
    /** Of the role; null: in every project, and over what belongs to none. */
    project: ProjectId.nullable(),
    /** null: none there any more, or the change is another. */
    role: Role.nullable(),
    ...by,
  }),
  switch_changed: z.strictObject({
    ...base,
    type: z.literal("switch_changed"),
    switch: z.enum(["kill"]),
    project: ProjectId.nullable(),
    on: z.boolean(),
    ...by,
  }),
  envelope_switched: z.strictObject({
    ...base,
    type: z.literal("envelope_switched"),
    /** Of the envelope; its switch is that of every project. */
    probe: ProbeName,
    on: z.boolean(),
    ...by,
  }),
  envelope_stage_changed: z.strictObject({
    ...base,
    type: z.literal("envelope_stage_changed"),
    project: ProjectId,
    probe: ProbeName,
    from: EnvelopeStage,
    to: EnvelopeStage,
    /** The attempt that did not help; null: a person moved it. */
    attempt: Uuid.nullable(),
    /** Its record then: fixes that held, and those that did not. */
    held: z.int().min(0),
    not_held: z.int().min(0),
    ...by,
  }),
  heartbeat_changed: z.strictObject({
    ...base,
    type: z.literal("heartbeat_changed"),
    project: ProjectId,
    /** The last part of its address; those of the configuration change with the file. */
    heartbeat: WatchName,
    /** `key_changed`: what was heard under the key before is heard no more. */
    change: z.enum(["added", "key_changed", "removed"]),
    ...by,
  }),
  pause_changed: z.strictObject({
    ...base,
    type: z.literal("pause_changed"),
    project: ProjectId,
    pause: Uuid,
    /** null: the whole project. */
    trigger: TriggerId.nullable(),
    change: z.enum(["added", "lifted"]),
    /** It ends by itself then; null: somebody lifts it. */
    until: Millis.nullable(),
    ...by,
  }),
  maintenance_changed: z.strictObject({
    ...base,
    type: z.literal("maintenance_changed"),
    /** null: of all. */
    project: ProjectId.nullable(),
    window: Uuid,
    /** null: all of them. */
    target: Target.nullable(),
    change: z.enum(["added", "ended"]),
    /** Over the window's canonical JSON. */
    window_sha256: Sha256,
    ...by,
  }),
  budget_overridden: z.strictObject({
    ...base,
    type: z.literal("budget_overridden"),
    project: ProjectId,
    trigger: TriggerId,
    extra: z.int().min(1),
    expires_at: Millis,
    ...by,
  }),
  drill_run: z.strictObject({
    ...base,
    type: z.literal("drill_run"),
    project: ProjectId,
    trigger: TriggerId,
    trigger_version: z.int().min(1),
    drill: Uuid,
    verdict: DrillVerdict,
    /** What the gate would have said no with; null when it would not, or was not asked. */
    refusal: Refusal.nullable(),
    ...by,
  }),
  sprint_changed: z.strictObject({
    ...base,
    type: z.literal("sprint_changed"),
    project: ProjectId,
    sprint: Uuid,
    trigger: TriggerId.nullable(),
    fault: Uuid.nullable(),
    change: z.enum(["opened", "closed"]),
    reason: z.enum(["repeated", "severity"]),
    /** Of the fault, within the time that counts. */
    escalations: z.int().min(0),
    ineffective: z.int().min(0),
    ...by,
  }),
  away_reviewed: z.strictObject({
    ...base,
    type: z.literal("away_reviewed"),
    /** null: all. */
    project: ProjectId.nullable(),
    since: Millis,
    unresolved: z.int().min(0),
    ...by,
  }),
  ...PLUGIN_ENTRIES,
  issue_filed: z.strictObject({
    ...base,
    type: z.literal("issue_filed"),
    project: ProjectId,
    /** Its marker in what was written outside. */
    filing: Uuid,
    fault: Uuid.nullable(),
    /** Under which its host has it. */
    number: z.int(),
  }),
  promotion_changed: z.strictObject({
    ...base,
    type: z.literal("promotion_changed"),
    project: ProjectId,
    fault: Uuid,
    change: z.enum([
      "confirmed",
      "reproduced",
      "proposed",
      "refused",
      "allowed",
      "promoted",
      "fix_named",
      "fix_failed",
      "fixed",
    ]),
    /** Markers of its two issues: nowhere else does one lead to the other. */
    private: Uuid.nullable(),
    public: Uuid.nullable(),
    /** By which it was made public, or was said to be fixed; left out of what leaves nothing. */
    attempt: Uuid.optional(),
    ...by,
  }),
  attempt_intent: z.strictObject({
    ...base,
    type: z.literal("attempt_intent"),
    project: ProjectId,
    attempt: Uuid,
    subject: Subject,
    trigger: TriggerId.nullable(),
    trigger_version: z.int().nullable(),
    fault: Uuid.nullable(),
    target: Target,
    action: Slug,
    args_sha256: Sha256,
    because: Because,
    cause: Cause.nullable(),
    fence: z.int(),
    not_before: Millis,
    expires_at: Millis,
    /** `used` includes this attempt when it counts. */
    budgets: z.array(z.strictObject({ ...Budget.shape, used: z.int() })),
    /** `active` includes this attempt. */
    ceilings: z.array(z.strictObject({ ...Ceiling.shape, active: z.int() })),
    /** Index of the `budget_overridden` by which it goes beyond a budget; left out when it does not. */
    override: z.int().optional(),
  }),
  attempt_refused: z.strictObject({
    ...base,
    type: z.literal("attempt_refused"),
    project: ProjectId,
    attempt: Uuid,
    subject: Subject,
    trigger: TriggerId.nullable(),
    fault: Uuid.nullable(),
    action: Slug.nullable(),
    because: Because,
    refusal: Refusal,
  }),
  attempt_started: z.strictObject({ ...base, type: z.literal("attempt_started"), ...ofAttempt }),
  attempt_outcome: z.strictObject({
    ...base,
    type: z.literal("attempt_outcome"),
    ...ofAttempt,
    state: z.enum(["succeeded", "failed", "expired", "abandoned"]),
  }),
  attempt_verified: z.strictObject({
    ...base,
    type: z.literal("attempt_verified"),
    ...ofAttempt,
    verification: z.enum(["held", "ineffective"]),
  }),
  escalation_opened: z.strictObject({
    ...base,
    type: z.literal("escalation_opened"),
    project: ProjectId,
    escalation: Uuid,
    asker: Slug,
    trigger: TriggerId.nullable(),
    fault: Uuid.nullable(),
    reason: EscalationReason,
  }),
  escalation_decided: z.strictObject({
    ...base,
    type: z.literal("escalation_decided"),
    project: ProjectId,
    escalation: Uuid,
    decision: Decision,
    /** Whether it asks the gate for an effect; at most one intent may name it then, and none otherwise. */
    acts: z.boolean(),
    /** Of what it approves; the intent that names it has the same. Left out where nothing was pinned. */
    args_sha256: Sha256.optional(),
    ...by,
  }),
  approval_changed: z.strictObject({
    ...base,
    type: z.literal("approval_changed"),
    project: ProjectId,
    approval: Uuid,
    action: Slug,
    target: Target,
    args_sha256: Sha256,
    /** `used`: it answered the question named in `escalation`, with the authority of whoever gave it. */
    change: z.enum(["given", "used", "expired", "withdrawn"]),
    expires_at: Millis,
    escalation: Uuid.nullable(),
    ...by,
  }),
  escalation_held: z.strictObject({
    ...base,
    type: z.literal("escalation_held"),
    project: ProjectId,
    escalation: Uuid,
    /** Nothing is decided by it: somebody has seen it, wants it later, or sees to it until then. */
    hold: EscalationHold,
    until: Millis,
    ...by,
  }),
  fault_status: z.strictObject({
    ...base,
    type: z.literal("fault_status"),
    project: ProjectId,
    fault: Uuid,
    /** `regressed`: what a person had said was taken back. */
    status: FaultStatus,
    /** Resolved for releases to come. */
    next_release: z.literal(true).optional(),
    /** Muted until then, or until it has that many events. */
    until: Millis.optional(),
    until_count: z.int().optional(),
    ...by,
  }),
  fault_merged: z.strictObject({
    ...base,
    type: z.literal("fault_merged"),
    project: ProjectId,
    fault: Uuid,
    /** null: taken apart again. */
    into: Uuid.nullable(),
    ...by,
  }),
  rules_changed: z.strictObject({
    ...base,
    type: z.literal("rules_changed"),
    project: ProjectId,
    rules_sha256: Sha256,
    ...by,
  }),
  fault_erased: z.strictObject({
    ...base,
    type: z.literal("fault_erased"),
    project: ProjectId,
    fault: Uuid,
    events: z.int().min(0),
    ...by,
  }),
  guards_restored: z.strictObject({
    ...base,
    type: z.literal("guards_restored"),
    guards: z.array(z.enum(["ledger_no_update", "ledger_no_delete", "ledger_no_change", "ledger_no_truncate"])),
  }),
  summary: z.strictObject({
    ...base,
    type: z.literal("summary"),
    project: ProjectId.nullable(),
    hour: Millis,
    reason: z.string().regex(/^[a-z0-9_.]{1,64}$/),
    count: z.int().min(1),
  }),
} as const;

export const LedgerEntry = z.discriminatedUnion("type", [
  LEDGER_ENTRIES.genesis,
  LEDGER_ENTRIES.project_added,
  LEDGER_ENTRIES.project_changed,
  LEDGER_ENTRIES.project_key_changed,
  LEDGER_ENTRIES.retention_changed,
  LEDGER_ENTRIES.trigger_registered,
  LEDGER_ENTRIES.trigger_removed,
  LEDGER_ENTRIES.config_reloaded,
  LEDGER_ENTRIES.grant_changed,
  LEDGER_ENTRIES.person_changed,
  LEDGER_ENTRIES.switch_changed,
  LEDGER_ENTRIES.envelope_switched,
  LEDGER_ENTRIES.envelope_stage_changed,
  LEDGER_ENTRIES.heartbeat_changed,
  LEDGER_ENTRIES.pause_changed,
  LEDGER_ENTRIES.maintenance_changed,
  LEDGER_ENTRIES.budget_overridden,
  LEDGER_ENTRIES.drill_run,
  LEDGER_ENTRIES.sprint_changed,
  LEDGER_ENTRIES.away_reviewed,
  LEDGER_ENTRIES.plugin_changed,
  LEDGER_ENTRIES.plugin_trust_changed,
  LEDGER_ENTRIES.plugin_switched,
  LEDGER_ENTRIES.plugin_invoked,
  LEDGER_ENTRIES.plugin_completed,
  LEDGER_ENTRIES.plugin_noted,
  LEDGER_ENTRIES.plugin_failed,
  LEDGER_ENTRIES.issue_filed,
  LEDGER_ENTRIES.promotion_changed,
  LEDGER_ENTRIES.attempt_intent,
  LEDGER_ENTRIES.attempt_refused,
  LEDGER_ENTRIES.attempt_started,
  LEDGER_ENTRIES.attempt_outcome,
  LEDGER_ENTRIES.attempt_verified,
  LEDGER_ENTRIES.escalation_opened,
  LEDGER_ENTRIES.escalation_decided,
  LEDGER_ENTRIES.approval_changed,
  LEDGER_ENTRIES.escalation_held,
  LEDGER_ENTRIES.fault_status,
  LEDGER_ENTRIES.fault_merged,
  LEDGER_ENTRIES.rules_changed,
  LEDGER_ENTRIES.fault_erased,
  LEDGER_ENTRIES.guards_restored,
  LEDGER_ENTRIES.summary,
]);
export type LedgerEntry = z.infer<(typeof LEDGER_ENTRIES)[keyof typeof LEDGER_ENTRIES]>;
export type LedgerEntryType = LedgerEntry["type"];
