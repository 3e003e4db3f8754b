import { z } from "zod";
import { normalMessage } from "./key.ts";

/** One thing that failed, whatever said so. */
export interface Failure {
  /** What makes two of them one. */
  readonly parts: readonly string[];
  /** `owner/name` of whoever can mend it; null: nobody knows. */
  readonly repo: string | null;
  readonly environment: "dev" | "prod" | null;
  readonly title: string;
  readonly at: string;
  readonly stack: string | null;
  /** Name and value, as they stand in the issue; the values are somebody else's text. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly sources: readonly string[];
  readonly log: readonly string[];
}

const text = z.string().nullable().catch(null);
const PluginError = z.object({
  timestamp: z.string(),
  stateId: z.string(),
  source: z.object({ kernelRepo: z.string(), environment: z.enum(["dev", "prod"]) }),
  trigger: z.object({ githubEvent: text, deliveryId: text, repo: text }),
  plugin: z.object({
    id: z.string(),
    owner: text,
    repo: text,
    ref: text,
    manifest: z.object({ name: text, version: text }).nullable(),
  }),
  error: z.object({ message: z.string(), status: z.int().nullable(), stack: text, category: z.string(), raw: text }),
  context: z.object({ requestId: text, responseSnippet: text, retryCount: z.int().catch(0) }),
  config: z
    .object({ path: z.string(), sources: z.array(z.object({ repo: z.string(), sha: z.string() })) })
    .nullable()
    .catch(null),
  logTrail: z
    .object({ lines: z.array(z.string()) })
    .nullable()
    .catch(null),
});

/** A `kernel.plugin_error`; null: it is none. */
export function pluginFailure(event: unknown): Failure | null {
  const read = PluginError.safeParse(event);
  if (!read.success) return null;
  const { plugin, error, trigger, source, context, config, logTrail } = read.data;
  const { status } = error;
  const version = plugin.manifest?.version ?? plugin.ref;
  return {
    parts: ["plugin", plugin.id, error.category, String(status), normalMessage(error.message)],
    repo: plugin.owner !== null && plugin.repo !== null ? `${plugin.owner}/${plugin.repo}` : trigger.repo,
    environment: source.environment,
    title: `${plugin.manifest?.name ?? plugin.id}: ${firstLine(error.message)}`,
    at: read.data.timestamp,
    stack: error.stack ?? error.raw ?? context.responseSnippet,
    facts: [
      ["Plugin", plugin.id],
      ...(version === null ? [] : [["Version", version] as const]),
      ["Category", status === null ? error.category : `${error.category}, status ${status}`],
      ["Asked by", [trigger.githubEvent, trigger.repo].filter(Boolean).join(" of ")],
      ["Kernel", `${source.kernelRepo}, ${source.environment}`],
      ["Tries after the first", String(context.retryCount)],
      ["Dispatch", read.data.stateId],
    ],
    sources: config?.sources.map(({ repo, sha }) => `${repo}/${config.path} at ${sha}`) ?? [],
    log: logTrail?.lines ?? [],
  };
}

const run = z.object({
  name: text,
  conclusion: text,
  head_branch: text.optional(),
  head_sha: text.optional(),
  html_url: text.optional(),
});
const Workflow = z.object({
  repository: z.object({ full_name: z.string() }),
  workflow_run: run.optional(),
  check_run: run.optional(),
  check_suite: run
    .extend({ app: z.object({ name: text }).nullish() })
    .partial({ name: true })
    .optional(),
});

/** Neither good nor bad by themselves (GitHub: "Conclusion" of checks). */
const NO_FAILURE = ["success", "neutral", "skipped", "cancelled", "stale", "action_required"];

/** A workflow, check or suite that ended and failed; null: it did not. */
export function workflowFailure(event: unknown, at: string): Failure | null {
  const read = Workflow.safeParse(event);
  if (!read.success) return null;
  const { repository, workflow_run: flow, check_run: check, check_suite: suite } = read.data;
  const [kind, of] = flow ? ["workflow", flow] : check ? ["check", check] : ["suite of checks", suite];
  if (of?.conclusion == null || NO_FAILURE.includes(of.conclusion)) return null;
  const name = of.name ?? suite?.app?.name ?? kind ?? "";
  return {
    parts: ["ci", repository.full_name.toLowerCase(), kind ?? "", name, of.conclusion],
    repo: repository.full_name,
    environment: null,
    title: `${name} ended with ${of.conclusion}`,
    at,
    stack: null,
    facts: [
      ["Which", `${kind ?? ""} ${name}`],
      ["Conclusion", of.conclusion],
      ...(of.head_branch == null ? [] : [["Branch", of.head_branch] as const]),
      ...(of.head_sha == null ? [] : [["Commit", of.head_sha] as const]),
      ...(of.html_url == null ? [] : [["Its page", of.html_url] as const]),
    ],
    sources: [],
    log: [],
  };
}

const firstLine = (message: string): string => message.trim().split("\n", 1)[0] ?? "";
