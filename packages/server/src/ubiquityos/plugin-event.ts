import type { Event } from "@prunella/contract";
import type { PluginError } from "@prunella/ubiquityos";

/** As an error names it, of what the configuration says. */
export const environmentOf = (configured: string): "dev" | "prod" => (configured === "development" ? "dev" : "prod");

/** A failed dispatch as an event: a fault like any other, one for each plugin, category, status and message. */
export function toEvent(id: string, error: PluginError, target: string): Event {
  const { category, status, message, stack } = error.error;
  const type = `PluginError.${category}${status === null ? "" : `.${status}`}`;
  return {
    id,
    source: "plugin",
    trust: "local",
    level: "error",
    at: Date.parse(error.timestamp),
    release: null,
    environment: error.source.environment,
    platform: null,
    target,
    errors: [{ type, value: message, module: null, handled: true, mechanism: "dispatch", frames: [] }],
    message,
    message_template: null,
    stack_text: stack,
    sdk_fingerprint: null,
    transaction: error.trigger.githubEvent,
    server_name: null,
    exit_code: null,
    signal: null,
    tags: { plugin: error.plugin.id, category, ...(error.trigger.repo === null ? {} : { repo: error.trigger.repo }) },
    breadcrumbs: [],
    context: { plugin_error: error },
  };
}
