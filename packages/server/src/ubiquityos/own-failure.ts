import type { PluginManifest } from "@prunella/contract/plugins";
import type { Kernel, Log, PluginTableRow } from "@prunella/kernel";
import { PLUGIN_ERROR, pluginError, type ErrorCategory, type FailedDispatch } from "@prunella/ubiquityos";
import type { Delivery, PluginEvent } from "../plugins/deliver.ts";
import type { FailedCommand } from "../plugins/host.ts";
import type { HowItFailed } from "../plugins/outside/failure.ts";
import { environmentOf, toEvent } from "./plugin-event.ts";

export interface OwnFailureDeps {
  readonly kernel: Pick<Kernel, "report" | "plugins">;
  readonly tell: (event: PluginEvent) => void;
  readonly clean: (text: string) => string;
  readonly newId: () => string;
  readonly now: () => number;
  readonly log: Log;
  /** Of the configuration, where it names them. */
  readonly ubiquityos: { readonly kernel_repo: string | null; readonly environment: string } | null;
}

/** One of our own kinds failed: in a command, or in taking an event. */
interface OwnFailure {
  readonly projectId: string;
  readonly plugin: PluginTableRow;
  /** The command, or the event that it was told. */
  readonly asked: string;
  /** null: where nobody knows it by now. */
  readonly invocation: string | null;
  readonly category: ErrorCategory;
  readonly detail: string;
  /** Of one that runs elsewhere. */
  readonly how?: HowItFailed;
  readonly startedAt: number;
  /** What it said, scrubbed. */
  readonly lines: readonly string[];
}

/** The plugin is told of in the one form that there is for failures: an event to those who listen, and a fault. */
export function createOwnFailures(deps: OwnFailureDeps) {
  const { kernel, now, log } = deps;

  async function note(failed: OwnFailure): Promise<void> {
    const { plugin, projectId, asked } = failed;
    const id = failed.invocation ?? deps.newId();
    const known = await kernel.plugins.manifest(plugin.plugin_id, plugin.digest);
    const error = pluginError(
      {
        stateId: id,
        at: now(),
        environment: environmentOf(deps.ubiquityos?.environment ?? "production"),
        kernel: { repo: deps.ubiquityos?.kernel_repo ?? "", commit: null },
        trigger: { githubEvent: asked, deliveryId: id, repo: null, issueOrPr: null, actor: null },
        plugin: whoOf(plugin.name, known?.manifest ?? null),
        manifest: known && { name: known.manifest.name, version: known.manifest.version },
        failure: {
          category: failed.category,
          message: failed.detail,
          status: failed.how?.status ?? null,
          stack: null,
          raw: failed.how?.snippet ?? failed.detail,
          responseSnippet: failed.how?.snippet ?? null,
          retryCount: failed.how?.retryCount ?? 0,
        },
        requestId: id,
        config: { path: "", sources: [] },
        trail: {
          requestId: id,
          startedAt: failed.startedAt,
          durationMs: now() - failed.startedAt,
          lines: failed.lines.slice(-40),
        },
      },
      deps.clean,
    );
    deps.tell({ projectId, type: PLUGIN_ERROR, fields: { ...error }, causedBy: plugin.plugin_id });
    await kernel.report(projectId, [toEvent(deps.newId().replaceAll("-", ""), error, `plugin:${plugin.name}`)]);
  }

  const unkept = (plugin: string) => (): void => log.warn(`the failure of ${plugin} could not be kept`);

  return {
    ofCommand({ command, ran, plugin, ...failed }: FailedCommand): void {
      const { invocation, reason, detail, how, log: lines } = ran;
      const category = how?.category ?? (reason === "timeout" ? "timeout" : "dispatch");
      const more = how === undefined ? {} : { how };
      note({ ...failed, plugin, asked: command, invocation, category, detail, lines, ...more }).catch(
        unkept(plugin.name),
      );
    },
    ofHandler(projectId: string, type: string, { plugin, detail, invocation, how }: Delivery): void {
      const category = how?.category ?? "dispatch";
      const more = how === undefined ? {} : { how };
      const failed = { projectId, asked: type, invocation, category, startedAt: now(), lines: [], ...more } as const;
      kernel.plugins
        .find(plugin)
        .then((row) => note({ ...failed, plugin: row, detail: detail ?? "It gave no reason." }))
        .catch(unkept(plugin));
    },
  };
}

/** By its own name, whatever runs it; of what runs elsewhere also where. */
function whoOf(id: string, manifest: PluginManifest | null): FailedDispatch["plugin"] {
  const { url, workflow } = manifest ?? {};
  if (url !== undefined) return { type: "http", id, url };
  const [owner, repo] = workflow?.repository.split("/") ?? [];
  return workflow === undefined || owner === undefined || repo === undefined
    ? { type: "kernel", id }
    : { type: "workflow", id, owner, repo, workflowId: workflow.file, ref: workflow.ref };
}
