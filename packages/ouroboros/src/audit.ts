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

/** One invocation, as the host kept it. */
export interface Invocation {
  readonly plugin: AuditEvent["plugin"];
  readonly namespace: string;
  readonly command: string;
  readonly argv: readonly string[];
  readonly startedAt: number;
  readonly endedAt: number;
  /** Refused before anything ran: nothing was invoked, whatever was asked for. */
  readonly outcome: "success" | "failed" | "blocked" | "disabled" | "trust_subject_changed";
  /** Scrubbed. */
  readonly message: string | null;
  readonly capabilitiesUsed: readonly string[];
  readonly permissionsUsed: readonly string[];
  readonly provenance: Readonly<Record<string, string>>;
}

/** What Ouroboros' log would hold of it: a run that was blocked leaves `plugin.failed` alone. */
export function auditEvents(of: Invocation): AuditEvent[] {
  const status = of.outcome === "disabled" ? "blocked" : of.outcome;
  const isRun = status === "success" || status === "failed";
  const event = (
    event_type: AuditEvent["event_type"],
    occurredAt: number,
    result: AuditEvent["result"],
  ): AuditEvent => ({
    schema_version: "0.1",
    event_type,
    occurred_at: new Date(occurredAt).toISOString(),
    plugin: of.plugin,
    command: { namespace: of.namespace, name: of.command, argv_summary: summaryOf(of.argv) },
    trust_state: isRun ? "trusted" : of.outcome === "disabled" ? "disabled" : "blocked",
    capabilities_used: isRun ? [...of.capabilitiesUsed] : [],
    permissions_used: isRun ? [...of.permissionsUsed] : [],
    provenance: { ...of.provenance },
    result,
  });
  const message = of.message === null ? {} : { message: of.message };
  if (!isRun) return [event("plugin.failed", of.endedAt, { status, ...message })];
  return [
    event("plugin.invoked", of.startedAt, { status: "success" }),
    ...(of.permissionsUsed.length > 0 ? [event("plugin.permission_used", of.startedAt, { status: "success" })] : []),
    event(status === "success" ? "plugin.completed" : "plugin.failed", of.endedAt, { status, ...message }),
  ];
}

/** Equal command lines have equal summaries; a zero byte stands between arguments, so that none runs into the next. */
function summaryOf(argv: readonly string[]) {
  const bytes = Buffer.from(argv.join("\0"));
  return { argc: argv.length, byte_length: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}
