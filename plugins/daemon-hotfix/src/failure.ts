import { normalMessage } from "./key.ts";
import { listAt, numberAt, textAt, valueAt } from "./read.ts";

/** One thing that failed, whatever said so. */
export interface Failure {
  /** What makes two of them one. */
  readonly parts: readonly string[];
  /** `owner/name` of whoever can mend it; null: nobody knows. */
  readonly repo: string | null;
  /** The fault that it is; null: it is told by what it says. */
  readonly fault: string | null;
  readonly environment: "dev" | "prod" | null;
  readonly title: string;
  readonly at: string;
  readonly stack: string | null;
  /** Name and value, as they stand in the issue; the values are somebody else's text. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly sources: readonly string[];
  readonly log: readonly string[];
  /** The release, version or commit that it was seen in this time. */
  readonly seenIn: string | null;
  /** What may have brought it, in words whose values are somebody else's text; null: nobody knows. */
  readonly suspects: readonly [words: string, ...values: readonly string[]] | null;
  /** A line for each attempt to heal it. */
  readonly tried: readonly string[];
  /** How somebody may see it again. */
  readonly again: string;
}

/** A `kernel.plugin_error`; null: it is none. `own` is where one goes whose plugin names no repository. */
export function pluginFailure(event: unknown, own: string | null): Failure | null {
  const text = (...path: readonly string[]) => textAt(event, ...path);
  const [id, message, category, at] = [
    text("plugin", "id"),
    text("error", "message"),
    text("error", "category"),
    text("timestamp"),
  ];
  if (id === null || message === null || category === null || at === null) return null;
  const status = numberAt(event, "error", "status");
  const [owner, repo] = [text("plugin", "owner"), text("plugin", "repo")];
  const environment = text("source", "environment");
  const version = text("plugin", "manifest", "version") ?? text("plugin", "ref");
  const path = text("config", "path") ?? "";
  return {
    parts: ["plugin", id, category, String(status), normalMessage(message)],
    repo: owner !== null && repo !== null ? `${owner}/${repo}` : (text("trigger", "repo") ?? own),
    fault: null,
    environment: environment === "dev" || environment === "prod" ? environment : null,
    title: `${text("plugin", "manifest", "name") ?? id}: ${firstLine(message)}`,
    at,
    stack: text("error", "stack") ?? text("error", "raw") ?? text("context", "responseSnippet"),
    facts: [
      ["Plugin", id],
      ...(version === null ? [] : [["Version", version] as const]),
      ["Category", status === null ? category : `${category}, status ${status}`],
      [
        "Asked by",
        [text("trigger", "githubEvent"), text("trigger", "repo")].filter((one) => one !== null).join(" of "),
      ],
      ["Kernel", `${text("source", "kernelRepo") ?? "?"}, ${environment ?? "?"}`],
      ["Tries after the first", String(numberAt(event, "context", "retryCount") ?? 0)],
      ["Dispatch", text("stateId") ?? "?"],
    ],
    sources: listAt(event, "config", "sources").map(
      (one) => `${textAt(one, "repo") ?? "?"}/${path} at ${textAt(one, "sha") ?? "?"}`,
    ),
    log: listAt(event, "logTrail", "lines").filter((line): line is string => typeof line === "string"),
    seenIn: version,
    suspects: version === null ? null : ["Running was version", version],
    tried: [],
    again:
      "The same event again, with the same configuration: its dispatch is named above, and `prunella ledger` has what was let through.",
  };
}

/** Neither good nor bad by themselves (GitHub: "Conclusion" of checks). */
const NO_FAILURE = ["success", "neutral", "skipped", "cancelled", "stale", "action_required"];
const KINDS = [
  ["workflow_run", "workflow"],
  ["check_run", "check"],
  ["check_suite", "suite of checks"],
] as const;

/** A workflow, check or suite that ended and failed; null: it did not. As its host says it, or as this server does. */
export function workflowFailure(event: unknown, at: string): Failure | null {
  const run = ownRun(event) ?? hostRun(event);
  if (run === null || NO_FAILURE.includes(run.conclusion)) return null;
  const { repo, kind, name, conclusion } = run;
  return {
    parts: ["ci", repo.toLowerCase(), kind, name, conclusion],
    repo,
    fault: null,
    environment: null,
    title: `${name} ended with ${conclusion}`,
    at,
    stack: null,
    facts: [["Which", `${kind} ${name}`], ["Conclusion", conclusion], ...run.more],
    sources: [],
    log: [],
    seenIn: run.commit,
    suspects: run.commit === null ? null : ["Run at commit", run.commit],
    tried: [],
    again: "Run it again at that commit.",
  };
}

interface Run {
  readonly repo: string;
  readonly kind: string;
  readonly name: string;
  readonly conclusion: string;
  readonly commit: string | null;
  readonly more: readonly (readonly [string, string])[];
}

function hostRun(event: unknown): Run | null {
  const repo = textAt(event, "repository", "full_name");
  const [key, kind] = KINDS.find(([name]) => valueAt(event, name) !== undefined) ?? ["", ""];
  const conclusion = textAt(event, key, "conclusion");
  if (repo === null || conclusion === null) return null;
  const name = textAt(event, key, "name") ?? textAt(event, key, "app", "name") ?? kind;
  return {
    repo,
    kind,
    name,
    conclusion,
    commit: textAt(event, key, "head_sha"),
    more: more((of) => textAt(event, key, of), "head_branch", "head_sha", "html_url"),
  };
}

function ownRun(event: unknown): Run | null {
  const [repo, kind, name, conclusion] = ["repo", "kind", "name", "conclusion"].map((of) => textAt(event, of));
  if (repo == null || kind == null || name == null || conclusion == null) return null;
  const commit = textAt(event, "commit");
  return { repo, kind, name, conclusion, commit, more: more((of) => textAt(event, of), "branch", "commit", "url") };
}

const more = (at: (name: string) => string | null, ...names: readonly string[]) =>
  ["Branch", "Commit", "Its page"].flatMap((label, index) => {
    const value = at(names[index] ?? "");
    return value === null || value === "" ? [] : [[label, value] as const];
  });

/** A fault that is new, or back, of which somebody who is known told; null: it is none, or anybody could have made it up. */
export function faultFailure(event: unknown, repo: string | null): Failure | null {
  const [id, title] = [textAt(event, "id"), textAt(event, "title")];
  const lastSeen = numberAt(event, "last_seen");
  if (id === null || title === null || lastSeen === null || valueAt(event, "is_public") !== false) return null;
  const culprit = textAt(event, "culprit") ?? "";
  const release = textAt(event, "release") ?? "";
  const firstSeen = numberAt(event, "first_seen") ?? lastSeen;
  const people = numberAt(event, "users") ?? 0;
  const previous = textAt(event, "previous_release");
  const backIn = textAt(event, "regressed_in");
  return {
    parts: ["fault", id],
    repo,
    fault: id,
    environment: null,
    title,
    at: new Date(lastSeen).toISOString(),
    stack: textAt(event, "stack"),
    facts: [
      ...(culprit === "" ? [] : [["In", culprit] as const]),
      ["Level", textAt(event, "level") ?? "?"],
      ["Events", String(numberAt(event, "count") ?? 1)],
      ...(people > 0 ? [["People", String(people)] as const] : []),
      ["First seen", new Date(firstSeen).toISOString()],
      ...(release === "" ? [] : [["First release", release] as const]),
      ["Fault", id],
    ],
    sources: [],
    log: [],
    seenIn: backIn ?? (release === "" ? null : release),
    suspects: suspectsOf({ backIn, release, previous }),
    tried: triedIn(event),
    again: `Its events, stack and history: \`prunella fault ${id}\`.`,
  };
}

/** By what is known of releases: the one that it came back in says more than where it was first seen. */
function suspectsOf(of: { backIn: string | null; release: string; previous: string | null }): Failure["suspects"] {
  const { backIn, release, previous } = of;
  if (backIn !== null && backIn !== "") return ["It was mended, and came back in", backIn];
  if (release === "") return null;
  if (previous === null) return ["First seen in", release];
  return ["What came between two releases, the first without it and the first with it:", previous, release];
}

/** A person is asked about what nobody could heal; null: a plugin asks. About a fault it belongs to that one's issue. */
export function escalationFailure(event: unknown, repo: string | null): Failure | null {
  const [id, target, reason, asker] = ["id", "target", "reason", "asker"].map((of) => textAt(event, of));
  const at = numberAt(event, "at");
  if (id == null || target == null || reason == null || asker == null || at === null) return null;
  if (asker === "plugin_call") return null;
  const fault = textAt(event, "fault");
  return {
    parts: fault === null ? ["escalation", target, reason] : ["fault", fault],
    repo,
    fault,
    environment: null,
    title: `${target} needs a person: ${reason.replaceAll("_", " ")}`,
    at: new Date(at).toISOString(),
    stack: null,
    facts: [
      ["Target", target],
      ["Reason", reason],
      ["Question", id],
    ],
    sources: [],
    log: [],
    seenIn: null,
    suspects: null,
    tried: triedIn(event),
    again: "What was tried, and the decision: `prunella escalations`.",
  };
}

/** A line for each attempt, which begins with its time in milliseconds. */
const triedIn = (event: unknown): string[] =>
  textAt(event, "tried")
    ?.split("\n")
    .map((line) => line.replace(/^\d{1,15}/, (at) => new Date(Number(at)).toISOString())) ?? [];

const firstLine = (message: string): string => message.trim().split("\n", 1)[0] ?? "";
