import type { Kernel } from "@prunella/kernel";
import { AuditEvent, auditEvents, permissionOf, type Step } from "@prunella/ouroboros";

type PluginStep = Awaited<ReturnType<Kernel["plugins"]["steps"]>>["steps"][number];

const CAPABILITY = "capability:";

/** What an entry of the ledger is in Ouroboros' own audit log. */
export const ouroborosEvents = (step: PluginStep): AuditEvent[] =>
  auditEvents(stepOf(step)).map((event) => AuditEvent.parse(event));

function stepOf(step: PluginStep): Step {
  const { entry, digest, calls } = step;
  const used = calls.flatMap(({ scope, allowed }) => (allowed > 0 ? [scope] : []));
  const hasEnded = entry.type !== "plugin_invoked";
  return {
    plugin: {
      // Taken out since: its id is what the ledger has of it.
      name: step.name ?? entry.plugin,
      version: step.version ?? UNKNOWN,
      source_type: step.origin?.startsWith("path ") === true ? "local_path" : "plugin_home",
    },
    namespace: step.namespace ?? entry.plugin,
    command: step.command === "" ? UNKNOWN : step.command,
    argv: step.argv,
    at: entry.at,
    what: whatOf(entry),
    message: hasEnded ? step.detail : null,
    capabilitiesUsed: hasEnded
      ? used.flatMap((scope) => (scope.startsWith(CAPABILITY) ? [scope.slice(CAPABILITY.length)] : []))
      : [],
    permissionsUsed: hasEnded
      ? used.flatMap((scope) => (scope.startsWith(CAPABILITY) ? [] : [permissionOf(scope) ?? scope]))
      : [],
    provenance: {
      correlation_id: entry.invocation,
      ledger_index: String(step.index),
      project: entry.project,
      ...(digest === null ? {} : { artifact_digest: digest }),
      ...(entry.type === "plugin_invoked"
        ? {
            invoked_by: [entry.by.kind, entry.by.id].filter(Boolean).join(":"),
            ...(entry.engine === null ? {} : { engine: entry.engine }),
          }
        : {}),
      ...(entry.type === "plugin_failed" ? { reason: entry.refusal ?? entry.reason } : {}),
    },
  };
}

function whatOf(entry: PluginStep["entry"]): Step["what"] {
  if (entry.type === "plugin_invoked") return "invoked";
  if (entry.type === "plugin_completed") return "completed";
  if (entry.invoked !== null) return "failed";
  if (entry.refusal === "artifact_changed") return "trust_subject_changed";
  return entry.refusal === "plugin_disabled" ? "disabled" : "blocked";
}

/** Rows of runs go after 30 days, and an artifact with its plugin; the ledger stays. */
const UNKNOWN = "unknown";
