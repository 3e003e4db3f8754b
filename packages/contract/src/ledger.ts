import { z } from "zod";
import { Level, Source, Trust } from "./event.ts";
import { Decision, Refusal, Remedy } from "./healing.ts";
import { Millis, ProjectId, Sha256, TargetId, TriggerId, Uuid } from "./ids.ts";

/**
 * Ledger entries: ids, enums, numbers and salted hashes, never free text or names. The stored leaf
 * is the canonical JSON of one of these (RFC 8785: keys sorted, no white space). Final from leaf 0:
 * a new need is a new type or a new optional field. docs/ledger.md lists them.
 */
const base = { v: z.literal(1), at: Millis };
/** SHA-256 over salt and value; the salt stays outside, so erasing it unlinks the entry. */
const actor = z.union([z.enum(["policy", "person", "system"])]);

export const LEDGER_ENTRIES = {
  genesis: z.strictObject({
    ...base,
    type: z.literal("genesis"),
    origin: z.string(),
    vkey_sha256: Sha256,
    software: z.string(),
  }),
  project_added: z.strictObject({ ...base, type: z.literal("project_added"), project: ProjectId, by: actor }),
  config_changed: z.strictObject({ ...base, type: z.literal("config_changed"), sha256: Sha256 }),
  trigger_registered: z.strictObject({
    ...base,
    type: z.literal("trigger_registered"),
    project: ProjectId,
    trigger: TriggerId,
    policy_sha256: Sha256,
    version: z.int(),
  }),
  switch_changed: z.strictObject({
    ...base,
    type: z.literal("switch_changed"),
    switch: z.enum(["kill", "pause"]),
    project: ProjectId.nullable(),
    on: z.boolean(),
    by: actor,
  }),
  attempt_intent: z.strictObject({
    ...base,
    type: z.literal("attempt_intent"),
    project: ProjectId,
    attempt: Uuid,
    trigger: TriggerId,
    trigger_version: z.int(),
    fault: Uuid.nullable(),
    target: TargetId,
    action: Remedy,
    authority: z.enum(["policy", "person"]),
    args_sha256: Sha256,
    fence: z.int(),
    not_before: Millis,
    expires_at: Millis,
    budget_used: z.int(),
    budget_max: z.int(),
    active: z.int(),
    ceiling: z.int(),
    cause: z.strictObject({ source: Source, trust: Trust, level: Level }),
  }),
  attempt_refused: z.strictObject({
    ...base,
    type: z.literal("attempt_refused"),
    project: ProjectId,
    attempt: Uuid,
    trigger: TriggerId,
    fault: Uuid.nullable(),
    refusal: Refusal,
    authority: z.enum(["policy", "person"]),
  }),
  attempt_started: z.strictObject({
    ...base,
    type: z.literal("attempt_started"),
    project: ProjectId,
    attempt: Uuid,
    intent: z.int(),
  }),
  attempt_outcome: z.strictObject({
    ...base,
    type: z.literal("attempt_outcome"),
    project: ProjectId,
    attempt: Uuid,
    intent: z.int(),
    state: z.enum(["succeeded", "failed", "expired", "abandoned"]),
  }),
  attempt_verified: z.strictObject({
    ...base,
    type: z.literal("attempt_verified"),
    project: ProjectId,
    attempt: Uuid,
    intent: z.int(),
    verification: z.enum(["held", "ineffective"]),
  }),
  escalation_opened: z.strictObject({
    ...base,
    type: z.literal("escalation_opened"),
    project: ProjectId,
    escalation: Uuid,
    trigger: TriggerId,
    fault: Uuid.nullable(),
    reason: z.union([Refusal, z.literal("ineffective")]),
  }),
  escalation_decided: z.strictObject({
    ...base,
    type: z.literal("escalation_decided"),
    project: ProjectId,
    escalation: Uuid,
    decision: Decision,
    by: z.enum(["person", "default"]),
  }),
  fault_status: z.strictObject({
    ...base,
    type: z.literal("fault_status"),
    project: ProjectId,
    fault: Uuid,
    status: z.enum(["open", "resolved", "muted"]),
    by: actor,
  }),
  fault_merged: z.strictObject({
    ...base,
    type: z.literal("fault_merged"),
    project: ProjectId,
    fault: Uuid,
    /** null: taken apart again. */
    into: Uuid.nullable(),
    by: actor,
  }),
  rules_changed: z.strictObject({
    ...base,
    type: z.literal("rules_changed"),
    project: ProjectId,
    rules_sha256: Sha256,
    by: actor,
  }),
  fault_erased: z.strictObject({
    ...base,
    type: z.literal("fault_erased"),
    project: ProjectId,
    fault: Uuid,
    events: z.int().min(0),
    by: actor,
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
  LEDGER_ENTRIES.config_changed,
  LEDGER_ENTRIES.trigger_registered,
  LEDGER_ENTRIES.switch_changed,
  LEDGER_ENTRIES.attempt_intent,
  LEDGER_ENTRIES.attempt_refused,
  LEDGER_ENTRIES.attempt_started,
  LEDGER_ENTRIES.attempt_outcome,
  LEDGER_ENTRIES.attempt_verified,
  LEDGER_ENTRIES.escalation_opened,
  LEDGER_ENTRIES.escalation_decided,
  LEDGER_ENTRIES.fault_status,
  LEDGER_ENTRIES.fault_merged,
  LEDGER_ENTRIES.rules_changed,
  LEDGER_ENTRIES.fault_erased,
  LEDGER_ENTRIES.summary,
]);
export type LedgerEntry = z.infer<(typeof LEDGER_ENTRIES)[keyof typeof LEDGER_ENTRIES]>;
export type LedgerEntryType = LedgerEntry["type"];
