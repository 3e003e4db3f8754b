import { PrunellaError, type Project, type RetentionPolicy, type RetentionUse } from "@prunella/contract";
import { commandLine, quoted } from "../command-line.ts";
import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { bytesOf, bytesWords, durationOf, durationWords } from "../duration.ts";
import { print, printJson } from "../print.ts";
import { table } from "../terminal/table.ts";
import { plain } from "../terminal/text.ts";

export async function renameProject(common: Common, id: string, title: string): Promise<void> {
  const answer = await connect(common)("rename_project", { project: id, title });
  if (common.json) return printJson(answer);
  print(`${id} is now called ${plain(answer.project.title)}. Its id and its DSNs stay.`);
}

export async function deleteProject(common: Common, id: string, options: { readonly confirm?: string }): Promise<void> {
  if (options.confirm === undefined)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `This deletes the faults, bodies, rules and source maps of ${plain(id)}.`,
      hint: `To do it, say its id once more: prunella projects delete ${plain(id)} --confirm ${plain(id)}`,
    });
  const answer = await connect(common)("delete_project", { project: id, confirm: options.confirm });
  if (common.json) return printJson(answer);
  print(
    [
      `${id} is deleted at ${utc(answer.project.deletes_at)}; until then everything goes on as before.`,
      `What was done and decided stays in the ledger, with ids alone.`,
      `Take it back: ${commandLine(common, `projects keep ${quoted(id)}`)}`,
    ].join("\n"),
  );
}

export async function keepProject(common: Common, id: string): Promise<void> {
  const answer = await connect(common)("keep_project", { project: id });
  if (common.json) return printJson(answer);
  print(`${id} stays.`);
}

export async function listKeys(common: Common, id: string): Promise<void> {
  const { projects } = await connect(common)("list_projects");
  const project = projects.find((one) => one.id === id);
  if (project === undefined)
    throw new PrunellaError("PRUNELLA_NOT_FOUND", {
      detail: `There is no project ${plain(id)}.`,
      hint: "See `prunella projects list`.",
    });
  if (common.json) return printJson({ keys: project.keys, next: null });
  printKeys(project);
}

export async function addKey(common: Common, id: string): Promise<void> {
  const answer = await connect(common)("add_project_key", { project: id });
  if (common.json) return printJson(answer);
  print("A further key is taken from now on.");
  printKeys(answer.project);
}

export async function rotateKey(common: Common, id: string, options: { readonly overlap: string }): Promise<void> {
  const overlap_ms = durationOf("--overlap", options.overlap);
  const answer = await connect(common)("rotate_project_key", { project: id, overlap_ms });
  if (common.json) return printJson(answer);
  print(
    overlap_ms === 0
      ? "A new key is handed out, and the former ones are refused."
      : `A new key is handed out. The former ones are taken for ${durationWords(overlap_ms)} more: put the new DSN into your programs until then.`,
  );
  printKeys(answer.project);
}

export async function revokeKey(common: Common, id: string, key: string): Promise<void> {
  const answer = await connect(common)("revoke_project_key", { project: id, key });
  if (common.json) return printJson(answer);
  print("What comes with this key is refused from now on.");
  printKeys(answer.project);
}

function printKeys({ keys }: Project): void {
  const rows = keys.map((key, at) => [
    key.public_key.slice(0, 12),
    at === 0 ? "handed out" : key.ends_at === null ? "taken" : `taken until ${utc(key.ends_at)}`,
    key.dsn,
  ]);
  // A DSN is there to be copied: never clipped.
  print(table([{ title: "KEY" }, { title: "STATE" }, { title: "DSN" }], rows));
}

/** Options of `projects retention`, with the key that each sets. */
const TIMES = [
  ["seconds", "counts_by_second_ms", "counts tell the second"],
  ["hours", "counts_by_hour_ms", "counts tell the hour, then the day"],
  ["bodies", "bodies_ms", "bodies of events"],
  ["faults", "faults_ms", "resolved and muted faults, after their last event"],
  ["sourceMaps", "source_maps_ms", "source maps, after their last use"],
] as const satisfies readonly (readonly [string, keyof RetentionPolicy, string])[];

export type RetentionOptions = { readonly [K in (typeof TIMES)[number][0] | "cap"]?: string } & {
  readonly reset?: boolean;
};

export async function retention(common: Common, id: string, options: RetentionOptions): Promise<void> {
  const call = connect(common);
  const change: { -readonly [K in keyof RetentionPolicy]?: number } = {};
  for (const [option, key] of TIMES) {
    const typed = options[option];
    if (typed !== undefined) change[key] = durationOf(`--${option === "sourceMaps" ? "source-maps" : option}`, typed);
  }
  if (options.cap !== undefined) change.project_bytes = bytesOf("--cap", options.cap);
  const reset: (keyof RetentionPolicy)[] =
    options.reset === true ? [...TIMES.map(([, key]) => key), "project_bytes"] : [];
  const isChange = Object.keys(change).length + reset.length > 0;
  const answer = isChange
    ? await call("set_retention", { project: id, change, reset })
    : await call("get_retention", { project: id });
  if (common.json) return printJson(answer);
  if (isChange) print("Changed. What is over the new bounds goes within a week; the cap holds within a minute.");
  printUse(answer);
}

function printUse({ policy, configured, changed, used, next }: RetentionUse): void {
  const origin = (key: keyof RetentionPolicy, words: (value: number) => string): string =>
    changed.includes(key) ? `set here; the configuration says ${words(configured[key])}` : "";
  const rows = TIMES.map(([, key, what]) => [what, durationWords(policy[key]), origin(key, durationWords)]);
  rows.push(["all of it together", bytesWords(policy.project_bytes), origin("project_bytes", bytesWords)]);
  print(table([{ title: "WHAT" }, { title: "KEPT" }, { title: "" }], rows));
  const share = Math.round((used.bytes / policy.project_bytes) * 100);
  print(
    [
      `Used: ${bytesWords(used.bytes)} (${share} %) by ${used.faults} faults, ${used.bodies} bodies, ${used.source_maps} source maps.`,
      ...(next.over_cap ? ["It is over its cap: the least telling goes now."] : []),
      ...(next.body_at === null ? [] : [`The oldest body may go at ${utc(next.body_at)}.`]),
      ...(next.fault_at === null ? [] : [`The next closed fault goes at ${utc(next.fault_at)}.`]),
      ...(next.source_map_at === null ? [] : [`The next unused source map goes at ${utc(next.source_map_at)}.`]),
    ].join("\n"),
  );
}

const utc = (at: number | null): string =>
  at === null ? "" : `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
