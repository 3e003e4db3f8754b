import { createHash } from "node:crypto";
import { z } from "zod";
import { AUDIT_EVENTS } from "./manifest.ts";

/** An audit event as Ouroboros' tools read them (its schema 0.1). */
export const AuditEvent = z.strictObject({
  schema_version: z.literal("0.1"),
  event_type: z.enum(AUDIT_EVENTS),
  occurred_at: z.iso.datetime(),
  plugin: z.strictObject({
    name: z.string(),
    version: z.string(),
    source_type: z.enum(["local_path", "plugin_home", "first_party"]),
  }),
  command: z.strictObject({
    namespace: z.string(),
    name: z.string(),
    /** Never given by us: what people type may hold secrets. */
    argv: z.array(z.string()).optional(),
    argv_summary: z
      .strictObject({ argc: z.int().min(0), byte_length: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) })
      .optional(),
  }),
  trust_state: z.enum(["discovered", "installed", "trusted", "disabled", "blocked", "first_party"]),
  capabilities_used: z.array(z.string()),
  permissions_used: z.array(z.string()),
  provenance: z.record(z.string(), z.string()).optional(),
  result: z.strictObject({
    status: z.enum(["success", "blocked", "failed", "trust_subject_changed"]),
    message: z.string().optional(),
  }),
});
export type AuditEvent = z.infer<typeof AuditEvent>;
export type ArgvSummary = NonNullable<AuditEvent["command"]["argv_summary"]>;

/** One thing that an invocation left: that it began, or how it ended. */
export interface Step {
  readonly plugin: AuditEvent["plugin"];
  readonly namespace: string;
  readonly command: string;
  readonly argv: ArgvSummary | null;
  readonly at: number;
  /** The last three: refused before anything ran, whatever was asked for. */
  readonly what: "invoked" | "completed" | "failed" | "blocked" | "disabled" | "trust_subject_changed";
  /** Scrubbed. */
  readonly message: string | null;
  readonly capabilitiesUsed: readonly string[];
  /** By what it began, or by what came of it; an event of its own for each. */
  readonly permissionsUsed: readonly string[];
  readonly provenance: Readonly<Record<string, string>>;
}

/** What Ouroboros' log would hold of it: a run that was blocked leaves `plugin.failed` alone. */
export function auditEvents(of: Step): AuditEvent[] {
  const isRun = of.what === "invoked" || of.what === "completed" || of.what === "failed";
  const event = (
    event_type: AuditEvent["event_type"],
    status: AuditEvent["result"]["status"],
    used: { readonly capabilities?: readonly string[]; readonly permissions?: readonly string[] } = {},
  ): AuditEvent => ({
    schema_version: "0.1",
    event_type,
    occurred_at: new Date(of.at).toISOString(),
    plugin: of.plugin,
    command: {
      namespace: of.namespace,
      name: of.command,
      ...(of.argv === null ? {} : { argv_summary: of.argv }),
    },
    trust_state: isRun ? "trusted" : of.what === "disabled" ? "disabled" : "blocked",
    capabilities_used: [...(used.capabilities ?? [])],
    permissions_used: [...(used.permissions ?? [])],
    provenance: { ...of.provenance },
    // Why it ended so is said once.
    result: {
      status,
      ...(of.message === null || event_type === "plugin.permission_used" ? {} : { message: of.message }),
    },
  });
  const used = of.permissionsUsed.map((scope) => event("plugin.permission_used", "success", { permissions: [scope] }));
  switch (of.what) {
    case "invoked":
      return [event("plugin.invoked", "success"), ...used];
    case "completed":
      return [...used, event("plugin.completed", "success", { capabilities: of.capabilitiesUsed })];
    case "failed":
      return [...used, event("plugin.failed", "failed", { capabilities: of.capabilitiesUsed })];
    case "trust_subject_changed":
      return [event("plugin.failed", "trust_subject_changed")];
    case "blocked":
    case "disabled":
      return [event("plugin.failed", "blocked")];
  }
}

/**
 * Equal command lines have equal summaries; a zero byte stands between arguments, so that none runs into the next,
 * and does not count. Over what the scrubber left: a short secret could be found again by its hash.
 */
export function argvSummary(scrubbed: readonly string[]): ArgvSummary {
  return {
    argc: scrubbed.length,
    byte_length: scrubbed.reduce((sum, one) => sum + Buffer.byteLength(one), 0),
    sha256: createHash("sha256").update(scrubbed.join("\0")).digest("hex"),
  };
}
