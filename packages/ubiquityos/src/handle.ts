import type { KeyObject } from "node:crypto";
import { commentKeyOf, COMMENT_WINDOW_MS } from "./comments.ts";
import { helpText } from "./commands.ts";
import { configPath, type ResolvedConfig } from "./config/resolve.ts";
import { sendTo, type DispatchHands } from "./dispatch/dispatch.ts";
import { PLUGIN_ERROR } from "./events.ts";
import type { LogTrails } from "./failure/log-trail.ts";
import { pluginError, type Failure, type PluginError } from "./failure/plugin-error.ts";
import type { UbiquityManifest } from "./manifest.ts";
import { route, type Happening, type ReadyPlugin, type WorkflowAllowlist } from "./route.ts";

/** One delivery of a host, its signature checked. */
export interface Delivery extends Happening {
  readonly id: string;
  readonly payload: unknown;
  readonly owner: string | null;
  readonly issueOrPr: number | null;
  readonly actor: string | null;
}

/** What a plugin gets for one dispatch, once somebody granted it. */
export interface Admitted {
  readonly stateId: string;
  readonly authToken: string;
  readonly kernelToken: string | undefined;
  /** The default branch where the configuration names no ref. */
  readonly ref: string;
  /** How long it may take to answer. */
  readonly signal: AbortSignal;
}

export type Admission =
  | { readonly ok: true; readonly admitted: Admitted }
  | { readonly ok: false; readonly refusal: string }
  /** It was let in, and could not be made ready. */
  | { readonly ok: false; readonly stateId: string; readonly failure: Failure };

export type Outcome =
  | {
      readonly plugin: string;
      readonly kind: "sent";
      readonly stateId: string;
      readonly output: unknown;
      readonly runUrl: string | null;
    }
  | { readonly plugin: string; readonly kind: "refused"; readonly refusal: string }
  | { readonly plugin: string; readonly kind: "failed"; readonly error: PluginError };

export type LocalOutcome =
  | { readonly kind: "sent"; readonly stateId: string; readonly output: unknown }
  | { readonly kind: "refused"; readonly refusal: string }
  | { readonly kind: "failed"; readonly stateId: string; readonly message: string };

export interface HandleDeps {
  readonly clock: { now(): number };
  readonly environment: "dev" | "prod";
  readonly kernel: { readonly repo: string; readonly commit: string | null };
  readonly privateKey: KeyObject;
  readonly allow: WorkflowAllowlist;
  readonly trails: LogTrails;
  readonly clean: (text: string) => string;
  readonly hands: DispatchHands;
  /** The configuration that holds for a repository, its organisation's where there is none. */
  config(of: Delivery): Promise<ResolvedConfig>;
  /** A plugin's own description; null where it cannot be had or is refused, and the trail says why. */
  manifest(id: string, requestId: string): Promise<UbiquityManifest | null>;
  /** What becomes of a plugin that the host has itself, by its configuration; null of every other. */
  local(plugin: ReadyPlugin, of: Delivery): Promise<LocalOutcome | null>;
  /** Declared, granted, switched on, within its budget: the host's own gate. */
  admit(plugin: ReadyPlugin, of: Delivery): Promise<Admission>;
  /** True the first time that a key is seen within a time. */
  isFirst(key: string, windowMs: number): Promise<boolean>;
  /** What a dispatch came to, for whoever keeps books; also of one that told an error, which is to be kept and not told. */
  noted(outcome: Outcome, of: Delivery): Promise<void>;
  /** The answer to `/help`. */
  comment(of: Delivery, text: string): Promise<void>;
}

/**
 * Hands a delivery to everybody who listens, each alone: one that fails stops none of the others. Each failure becomes
 * one `kernel.plugin_error`, which goes to those that listen to it; what fails on that way is noted and goes nowhere.
 * `isAgain`: somebody had it before and may have noted its comment, so that whom it was told of decides.
 */
export async function handleDelivery(of: Delivery, deps: HandleDeps, isAgain = false): Promise<Outcome[]> {
  const note = (line: string) => deps.trails.note(of.id, line);
  note(`${of.event} in ${of.repo ?? "no repository"}`);
  try {
    if (!isAgain && !(await isNewComment(of, deps))) {
      note("the same comment event came before");
      return [];
    }
    const config = await deps.config(of);
    for (const { message, file } of config.mistakes) note(`${file.owner}/${file.repo}: ${message}`);
    const plugins = await readyPlugins(config, of, deps);
    const { plugins: heard, isHelp } = route(of, plugins, deps.allow);
    if (isHelp) await deps.comment(of, helpText(plugins));
    note(heard.length === 0 ? "nobody listens" : `goes to ${heard.map(({ id }) => id).join(", ")}`);
    const outcomes = await Promise.all(heard.map((plugin) => dispatchTo(plugin, of, config, deps)));
    await tellFailures(outcomes, plugins, of, config, deps);
    return outcomes;
  } catch (error) {
    return handleOwnFailure(error, of, deps);
  }
}

async function isNewComment(of: Delivery, deps: HandleDeps): Promise<boolean> {
  const key = commentKeyOf(of);
  return key === null || deps.isFirst(key, COMMENT_WINDOW_MS);
}

/** Whoever may write a configuration has us ask for each manifest of it. */
const MOST_PLUGINS = 100;

async function readyPlugins(config: ResolvedConfig, of: Delivery, deps: HandleDeps): Promise<ReadyPlugin[]> {
  const left = config.plugins.size - MOST_PLUGINS;
  if (left > 0) deps.trails.note(of.id, `${left} plugins of the configuration are left out: ${MOST_PLUGINS} are read`);
  const found = await Promise.all(
    [...config.plugins].slice(0, MOST_PLUGINS).map(async ([id, { plugin, settings }]): Promise<ReadyPlugin | null> => {
      const manifest = await deps.manifest(id, of.id);
      return manifest === null ? null : { id, plugin, settings, manifest };
    }),
  );
  return found.filter((plugin) => plugin !== null);
}

async function dispatchTo(
  plugin: ReadyPlugin,
  of: Delivery,
  config: ResolvedConfig,
  deps: HandleDeps,
): Promise<Outcome> {
  const outcome = await attempt(plugin, of, config, deps);
  deps.trails.note(of.id, `${plugin.id}: ${wordsOf(outcome)}`);
  await deps.noted(outcome, of);
  return outcome;
}

async function attempt(plugin: ReadyPlugin, of: Delivery, config: ResolvedConfig, deps: HandleDeps): Promise<Outcome> {
  let stateId = of.id;
  try {
    const own = await deps.local(plugin, of);
    if (own?.kind === "sent") return { plugin: plugin.id, ...own, runUrl: null };
    if (own?.kind === "refused") return { plugin: plugin.id, ...own };
    if (own?.kind === "failed")
      return failedBy(plugin, { ...thrown(own.message, "dispatch"), raw: null }, own.stateId, of, config, deps);
    const admission = await deps.admit(plugin, of);
    if ("failure" in admission) return failedBy(plugin, admission.failure, admission.stateId, of, config, deps);
    if (!admission.ok) return { plugin: plugin.id, kind: "refused", refusal: admission.refusal };
    const { admitted } = admission;
    stateId = admitted.stateId;
    const dispatch = {
      stateId,
      eventName: of.event,
      payload: of.payload,
      settings: plugin.settings.with,
      authToken: admitted.authToken,
      ubiquityKernelToken: admitted.kernelToken,
      ref: plugin.plugin.type === "http" ? plugin.plugin.url : admitted.ref,
      command: null,
    };
    const sent = await sendTo(plugin, dispatch, deps.privateKey, deps.hands, admitted.signal);
    if (sent.ok) return { plugin: plugin.id, kind: "sent", stateId, output: sent.output, runUrl: sent.runUrl };
    return failedBy(plugin, sent.failure, stateId, of, config, deps);
  } catch (error) {
    return failedBy(plugin, thrown(error, "dispatch"), stateId, of, config, deps);
  }
}

function failedBy(
  plugin: ReadyPlugin,
  failure: Failure,
  stateId: string,
  of: Delivery,
  config: ResolvedConfig,
  deps: HandleDeps,
): Outcome {
  const manifest = { name: plugin.manifest.name, version: null };
  return {
    plugin: plugin.id,
    kind: "failed",
    error: errorOf({ plugin: plugin.plugin, manifest, failure, stateId }, of, config, deps),
  };
}

type Parts = Pick<Parameters<typeof pluginError>[0], "plugin" | "manifest" | "failure" | "stateId">;

function errorOf(parts: Parts, of: Delivery, config: ResolvedConfig | null, deps: HandleDeps): PluginError {
  return pluginError(
    {
      ...parts,
      at: deps.clock.now(),
      environment: deps.environment,
      kernel: deps.kernel,
      trigger: { githubEvent: of.event, deliveryId: of.id, repo: of.repo, issueOrPr: of.issueOrPr, actor: of.actor },
      requestId: of.id,
      config: {
        path: configPath(deps.environment),
        sources: (config?.sources ?? []).map(({ owner, repo, sha }) => ({ repo: `${owner}/${repo}`, sha })),
      },
      trail: deps.trails.of(of.id),
    },
    deps.clean,
  );
}

/** Plugins that listen to errors hear of each one, but never of one that came from telling an error. */
async function tellFailures(
  outcomes: readonly Outcome[],
  plugins: readonly ReadyPlugin[],
  of: Delivery,
  config: ResolvedConfig,
  deps: HandleDeps,
) {
  if (of.event === PLUGIN_ERROR) return;
  for (const outcome of outcomes) {
    if (outcome.kind !== "failed") continue;
    const told: Delivery = { ...of, event: PLUGIN_ERROR, payload: outcome.error, comment: null, isByBot: false };
    // A plugin that failed is not told of its own failure: it would fail again.
    const others = plugins.filter(({ id }) => id !== outcome.plugin);
    const { plugins: heard } = route(told, others, deps.allow);
    await Promise.all(
      heard.map(async (plugin) => {
        const result = await attempt(plugin, told, config, deps);
        deps.trails.note(of.id, `${PLUGIN_ERROR} to ${plugin.id}: ${wordsOf(result)}`);
        await deps.noted(result, told);
      }),
    );
  }
}

/**
 * A run that began and came to nothing: it ended badly, or said nothing in time. Its failure carries the state of its
 * dispatch, and is told like one that was seen at once.
 */
export async function failLater(
  late: { readonly plugin: ReadyPlugin; readonly stateId: string; readonly failure: Failure },
  of: Delivery,
  deps: HandleDeps,
): Promise<void> {
  const config = await deps.config(of).catch(() => NO_CONFIG);
  const outcome = failedBy(late.plugin, late.failure, late.stateId, of, config, deps);
  deps.trails.note(of.id, `${late.plugin.id}: ${wordsOf(outcome)}`);
  await deps.noted(outcome, of);
  await tellFailures([outcome], await readyPlugins(config, of, deps), of, config, deps);
}

/** Where it cannot be read any more: what failed is known all the same. */
const NO_CONFIG: ResolvedConfig = { plugins: new Map(), sources: [], mistakes: [] };

/** Our own handling broke, before or between the plugins: an error of the kernel, told like any other. */
async function handleOwnFailure(error: unknown, of: Delivery, deps: HandleDeps): Promise<Outcome[]> {
  deps.trails.note(of.id, `handling failed: ${error instanceof Error ? error.message : String(error)}`);
  const parts = { plugin: null, manifest: null, failure: thrown(error, "kernel"), stateId: of.id };
  const outcome: Outcome = { plugin: "kernel", kind: "failed", error: errorOf(parts, of, null, deps) };
  await deps.noted(outcome, of);
  return [outcome];
}

/** Something that was thrown, as what went wrong with a dispatch. */
export function thrown(error: unknown, category: Failure["category"]): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? null) : null;
  return { category, message, status: null, stack, raw: message, responseSnippet: null, retryCount: 0 };
}

function wordsOf(outcome: Outcome): string {
  if (outcome.kind === "sent") return outcome.runUrl === null ? "sent" : `started ${outcome.runUrl}`;
  if (outcome.kind === "refused") return `refused, ${outcome.refusal}`;
  return `failed, ${outcome.error.error.category}: ${outcome.error.error.message}`;
}
