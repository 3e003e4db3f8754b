import { z } from "zod";
import { Actor, HeldBy, Refusal } from "./healing.ts";
import { Millis, ProjectId, Sha256, Uuid } from "./ids.ts";

const base = { v: z.literal(1), at: Millis };
const by = { by: Actor };

/** Of the closed registry of scopes, which grows; an entry that was written stays readable. */
const PluginScope = z
  .string()
  .regex(/^[a-z][a-z0-9_-]*(?::[a-z][a-z0-9_-]*){1,4}$/)
  .max(80);
/** Of its commands, or `event:` and one that it listens to. */
const PluginCommandName = z
  .string()
  .regex(/^(?:event:)?[a-z0-9][a-z0-9_.-]*$/)
  .max(90);
/** One run of a plugin, and how many calls of it were allowed and refused. */
const ofInvocation = {
  project: ProjectId,
  plugin: Uuid,
  invocation: Uuid,
  allowed: z.int().min(0),
  refused: z.int().min(0),
};

/** Of the ledger's entries those about plugins. */
export const PLUGIN_ENTRIES = {
  plugin_changed: z.strictObject({
    ...base,
    type: z.literal("plugin_changed"),
    plugin: Uuid,
    /** `rolled_back`: it is again an artifact that it had before. */
    change: z.enum(["installed", "updated", "rolled_back", "removed"]),
    /** Of the bundle that runs from now on; of a removal, the one that ran last. */
    artifact_sha256: Sha256,
    manifest_sha256: Sha256,
    source: z.enum(["path", "git", "url"]),
    ...by,
  }),
  plugin_trust_changed: z.strictObject({
    ...base,
    type: z.literal("plugin_trust_changed"),
    project: ProjectId,
    plugin: Uuid,
    artifact_sha256: Sha256,
    scope: PluginScope,
    /** Over the canonical JSON of the grant, its resources, end and reason with it; null: it was revoked. */
    grant_sha256: Sha256.nullable(),
    expires_at: Millis.nullable(),
    ...by,
  }),
  plugin_switched: z.strictObject({
    ...base,
    type: z.literal("plugin_switched"),
    plugin: Uuid,
    on: z.boolean(),
    ...by,
  }),
  plugin_invoked: z.strictObject({
    ...base,
    type: z.literal("plugin_invoked"),
    project: ProjectId,
    plugin: Uuid,
    artifact_sha256: Sha256,
    invocation: Uuid,
    command: PluginCommandName,
    /** What held it; null: it runs elsewhere. */
    engine: HeldBy.nullable(),
    ...by,
  }),
  plugin_completed: z.strictObject({
    ...base,
    type: z.literal("plugin_completed"),
    ...ofInvocation,
    invoked: z.int(),
  }),
  plugin_noted: z.strictObject({
    ...base,
    type: z.literal("plugin_noted"),
    project: ProjectId,
    plugin: Uuid,
    invocation: Uuid,
    /** A `digest` of its own, or where something came from (`provenance`). */
    what: z.enum(["digest", "provenance"]),
    sha256: Sha256,
  }),
  plugin_failed: z.strictObject({
    ...base,
    type: z.literal("plugin_failed"),
    ...ofInvocation,
    command: PluginCommandName,
    /** Index of its `plugin_invoked`; null: it was blocked, and nothing of it ran. */
    invoked: z.int().nullable(),
    reason: z.enum(["blocked", "failed", "cancelled", "timeout", "lost"]),
    /** Of what was blocked. */
    refusal: Refusal.nullable(),
  }),
} as const;
