import { z } from "zod";
import { PLUGIN_ERROR } from "../events.ts";
import type { PluginIdentifier } from "../identifier.ts";
import { cut, type LogTrail } from "./log-trail.ts";

export const ERROR_CATEGORIES = ["dispatch", "http", "workflow", "timeout", "validation", "kernel"] as const;
export type ErrorCategory = (typeof ERROR_CATEGORIES)[number];

/** What a kernel sends when a plugin could not be reached, failed, or never answered (FORMATS: `kernel.plugin_error`). */
export const PluginError = z.object({
  event: z.literal(PLUGIN_ERROR),
  timestamp: z.iso.datetime(),
  stateId: z.string(),
  source: z.object({ kernelRepo: z.string(), environment: z.enum(["dev", "prod"]) }),
  trigger: z.object({
    githubEvent: z.string(),
    deliveryId: z.string(),
    repo: z.string().nullable(),
    issueOrPr: z.int().nullable(),
    actor: z.string().nullable(),
  }),
  plugin: z.object({
    type: z.enum(["http", "workflow", "kernel"]),
    id: z.string(),
    owner: z.string().nullable(),
    repo: z.string().nullable(),
    workflowId: z.string().nullable(),
    ref: z.string().nullable(),
    manifest: z.object({ name: z.string(), version: z.string().nullable() }).nullable(),
  }),
  error: z.object({
    message: z.string(),
    /** The HTTP status that came back; null where none did. */
    status: z.int().nullable(),
    stack: z.string().nullable(),
    category: z.enum(ERROR_CATEGORIES),
    raw: z.string().nullable(),
  }),
  context: z.object({
    requestId: z.string(),
    /** Inputs carry tokens, so they are named and never shown. */
    pluginInputs: z.object({ redacted: z.literal(true) }),
    responseSnippet: z.string().nullable(),
    /** Tries after the first. */
    retryCount: z.int().min(0),
  }),
  kernel: z.object({ commit: z.string().nullable() }),
  config: z.object({ path: z.string(), sources: z.array(z.object({ repo: z.string(), sha: z.string() })) }),
  logTrail: z
    .object({
      requestId: z.string(),
      startedAt: z.iso.datetime(),
      durationMs: z.int(),
      lines: z.array(z.string()).max(40),
    })
    .nullable(),
});
export type PluginError = z.infer<typeof PluginError>;

/** What went wrong with one dispatch, as it was seen. */
export interface Failure {
  readonly category: ErrorCategory;
  readonly message: string;
  readonly status: number | null;
  readonly stack: string | null;
  /** What came back, or what was thrown, as text. */
  readonly raw: string | null;
  readonly responseSnippet: string | null;
  readonly retryCount: number;
}

export interface FailedDispatch {
  readonly stateId: string;
  readonly at: number;
  readonly environment: "dev" | "prod";
  readonly kernel: { readonly repo: string; readonly commit: string | null };
  readonly trigger: PluginError["trigger"];
  /** One of the kernel's own kinds has only a name; null where our own handling failed before any plugin was asked. */
  readonly plugin: PluginIdentifier | { readonly type: "kernel"; readonly id: string } | null;
  readonly manifest: PluginError["plugin"]["manifest"];
  readonly failure: Failure;
  readonly requestId: string;
  readonly config: PluginError["config"];
  readonly trail: LogTrail | null;
}

/** Longest of what outsiders wrote; the whole stays far below what a host's event may hold. */
const LONGEST = { message: 1_000, stack: 8_000, raw: 2_000, snippet: 1_000, name: 256 } as const;

/** Every text that a plugin, a host or a person wrote goes through `clean` before it is cut. */
export function pluginError(of: FailedDispatch, clean: (text: string) => string): PluginError {
  const bounded = (text: string, most: number) => cut(clean(text), most);
  const orNull = (text: string | null, most: number) => (text === null ? null : bounded(text, most));
  const { failure, trail } = of;
  return {
    event: PLUGIN_ERROR,
    timestamp: iso(of.at),
    stateId: of.stateId,
    source: { kernelRepo: of.kernel.repo, environment: of.environment },
    trigger: of.trigger,
    plugin: { ...facts(of.plugin), manifest: manifestFacts(of.manifest, bounded) },
    error: {
      message: bounded(failure.message, LONGEST.message),
      status: failure.status,
      stack: orNull(failure.stack, LONGEST.stack),
      category: failure.category,
      raw: orNull(failure.raw, LONGEST.raw),
    },
    context: {
      requestId: of.requestId,
      pluginInputs: { redacted: true },
      responseSnippet: orNull(failure.responseSnippet, LONGEST.snippet),
      retryCount: failure.retryCount,
    },
    kernel: { commit: of.kernel.commit },
    config: of.config,
    logTrail: trail === null ? null : { ...trail, startedAt: iso(trail.startedAt), lines: [...trail.lines] },
  };
}

function facts(plugin: FailedDispatch["plugin"]): Omit<PluginError["plugin"], "manifest"> {
  if (plugin === null || plugin.type === "kernel")
    return { ...NO_REPOSITORY, type: "kernel", id: plugin?.id ?? "kernel" };
  if (plugin.type === "http") return { ...NO_REPOSITORY, type: "http", id: plugin.id };
  const { id, owner, repo, workflowId, ref } = plugin;
  return { type: "workflow", id, owner, repo, workflowId, ref };
}

const NO_REPOSITORY = { owner: null, repo: null, workflowId: null, ref: null };

function manifestFacts(manifest: PluginError["plugin"]["manifest"], bounded: (text: string, most: number) => string) {
  if (manifest === null) return null;
  const { name, version } = manifest;
  return { name: bounded(name, LONGEST.name), version: version === null ? null : bounded(version, LONGEST.name) };
}

const iso = (at: number) => new Date(at).toISOString();
