import { watch } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { PrunellaError } from "@prunella/contract";
import type { PluginCall, PluginDetail, PluginInvocation } from "@prunella/contract/plugins";
import { connect } from "../../client.ts";
import { asStarted, commandLine } from "../../command-line.ts";
import type { Common } from "../../command-options.ts";
import { print } from "../../print.ts";
import { dim, green, plain, red } from "../../terminal/text.ts";
import { requiredOf } from "./trust.ts";
import { shortDigest, STANDING } from "./words.ts";

interface DevOptions {
  readonly project?: string;
  readonly trust?: true;
}

type Call = ReturnType<typeof connect>;

/** Saves come in flocks. */
const SETTLED_MS = 150;
const LOOK_MS = 250;
const HOUR_MS = 3_600_000;

/** Installs a folder at each save, and shows each call of its commands with its verdict as it comes, until it is stopped. */
export async function devPlugin(common: Common, folder: string, options: DevOptions): Promise<void> {
  const call = connect(common);
  const path = resolve(folder);
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  const project = options.project === undefined ? {} : { project: options.project };
  const put = async (): Promise<PluginDetail> => {
    const { detail, change } = await call("add_plugin", { source: { kind: "path", path }, ...project });
    if (options.trust && change !== "unchanged") await trustForNow(call, detail, project);
    return detail;
  };
  const first = await put();
  const { plugin } = await call("read_plugin", { name: first.plugin.id, ...project });
  print(`${plugin.name} ${plugin.version} (${shortDigest(plugin.digest)}): ${STANDING[plugin.standing]}.`);
  for (const one of plugin.commands) print(`  ${commandLine(common, `${plugin.namespace} ${one.name} --help`)}`);
  print("It is installed anew at each save; Ctrl-C ends this and leaves it installed.");
  const saved = watchFolder(path, stop.signal);
  const seen = new Set(
    (await call("list_invocations", { name: plugin.id, ...project, limit: 50 })).invocations.map(({ id }) => id),
  );
  let { last } = await call("list_plugin_calls", { name: plugin.id, ...project });
  while (!stop.signal.aborted) {
    if (saved.take()) {
      await wait(SETTLED_MS);
      saved.take();
      try {
        const detail = await put();
        print(`saved: ${shortDigest(detail.plugin.digest)}`);
      } catch (error) {
        // What is half written is mended with the next save; the version before goes on.
        if (!(error instanceof PrunellaError)) throw error;
        print(red(plain(error.detail ?? error.message)));
      }
    }
    const { invocations } = await call("list_invocations", { name: plugin.id, ...project, limit: 20 });
    // Asked for behind those that have ended: what they called stands above how they ended.
    const news = await call("list_plugin_calls", { name: plugin.id, ...project, after: last });
    last = news.last;
    for (const one of news.calls) print(callWords(common, one));
    for (const one of invocations.toReversed())
      if (one.ended_at !== null && !seen.has(one.id)) {
        seen.add(one.id);
        printCalls(one);
      }
    await wait(LOOK_MS, undefined, { signal: stop.signal }).catch(() => undefined);
  }
}

function watchFolder(path: string, signal: AbortSignal) {
  let isSaved = false;
  watch(path, { recursive: true, signal }, (_event, file) => {
    // What tools write there is not the plugin.
    if (!/(?:^|\/)(?:\.git|node_modules)(?:\/|$)/.test(file ?? "")) isSaved = true;
  });
  return {
    take(): boolean {
      const was = isSaved;
      isSaved = false;
      return was;
    },
  };
}

async function trustForNow(call: Call, detail: PluginDetail, project: { readonly project?: string }): Promise<void> {
  const scopes = requiredOf(detail).map(({ scope, resources }) => ({ scope, resources: [...resources] }));
  if (scopes.length === 0) return;
  await call("trust_plugin", {
    name: detail.plugin.id,
    ...project,
    scopes,
    reason: "While it is developed.",
    expires_at: Date.now() + HOUR_MS,
  });
}

/** A line each: what it asked for, of what, and whether it may. */
function callWords(common: Common, { method, scope, resource, verdict, detail, mend }: PluginCall): string {
  const what = `${method}${resource === null || resource === "*" ? "" : ` ${resource}`}`;
  const of = scope === null ? "" : dim(` (${scope})`);
  const said = verdict === "allowed" ? (detail === null ? green("allowed") : red("allowed, and failed")) : red(verdict);
  const why = detail === null ? "" : `: ${plain(detail)}`;
  return `  ${plain(what)}${of} ${said}${why}${mend === null ? "" : `\n    Allow it: ${plain(asStarted(common, mend))}`}`;
}

function printCalls({ command, state, calls, detail }: PluginInvocation): void {
  const end = state === "completed" ? green(state) : red(state);
  print(`${plain(command)} ${end}${detail === null ? "" : `: ${plain(detail)}`}`);
  for (const { scope, allowed, refused, systems } of calls)
    print(
      `  ${scope}: ${allowed} allowed, ${refused} refused${systems.length === 0 ? "" : ` (${plain(systems.join(", "))})`}`,
    );
}
