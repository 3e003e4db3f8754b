import type { Event } from "@prunella/contract";
import type { Kernel, Log } from "@prunella/kernel";
import type { Delivery } from "./deliver.ts";

interface FailedHandlerDeps {
  readonly kernel: Pick<Kernel, "report">;
  readonly newId: () => string;
  readonly now: () => number;
  readonly log: Log;
}

/** A plugin of ours that failed to take an event is a fault of the project, as one of others is. */
export const noteFailedHandler =
  ({ kernel, newId, now, log }: FailedHandlerDeps) =>
  (projectId: string, type: string, { plugin, detail }: Delivery): void => {
    const event = toEvent(newId().replaceAll("-", ""), now(), plugin, type, detail ?? "It gave no reason.");
    kernel.report(projectId, [event]).catch(() => log.warn(`the failure of ${plugin} could not be kept`));
  };

const toEvent = (id: string, at: number, plugin: string, type: string, detail: string): Event => ({
  id,
  source: "plugin",
  trust: "local",
  level: "error",
  at,
  release: null,
  environment: null,
  platform: null,
  target: `plugin:${plugin}`,
  errors: [
    { type: "PluginError.dispatch", value: detail, module: null, handled: true, mechanism: "dispatch", frames: [] },
  ],
  message: detail,
  message_template: null,
  stack_text: null,
  sdk_fingerprint: null,
  transaction: type,
  server_name: null,
  exit_code: null,
  signal: null,
  tags: { plugin, category: "dispatch" },
  breadcrumbs: [],
  context: {},
});
