import { NewGroupingRule, PrunellaError } from "@prunella/contract";
import { connect, dataFlag } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { field, list, number, text } from "../read.ts";
import { meansId, shortId } from "../terminal/short-id.ts";
import { table } from "../terminal/table.ts";
import { plain } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";

export interface RuleOptions {
  readonly as?: string;
  readonly project: string;
  readonly class?: string;
  readonly message?: string;
  readonly function?: string;
  readonly file?: string;
  readonly target?: string;
}

/** Options of `rules add`, with the name that the contract gives each condition. */
const CONDITIONS = [
  ["class", "error_class"],
  ["message", "message"],
  ["function", "function"],
  ["file", "file"],
  ["target", "target"],
] as const;

export async function listRules(common: Common): Promise<void> {
  const answer = await connect(common).get("/v1/grouping-rules");
  if (common.json) return printJson(answer);
  const rules = list(answer, "rules");
  const flag = dataFlag(common.data);
  if (rules.length === 0)
    return print(
      `There are no grouping rules; most projects need none. Write one when one cause shows up as many faults:\n  prunella rules add --message 'timeout after * ms' --as 'slow upstream'${flag}`,
    );
  const now = Date.now();
  const columns = [{ title: "ID" }, { title: "PROJECT" }, { title: "SINCE" }, { title: "FAULT" }, { title: "WHEN" }];
  const rows = rules.map((rule) => [
    shortId(text(rule, "id")),
    text(rule, "project_id"),
    relative(number(rule, "created_at"), now),
    plain(text(rule, "group_as")),
    whenWords(rule),
  ]);
  // Rules are there to be read whole: never clipped.
  print(table(columns, rows));
  if (rules.length > 1) print("The oldest rule that fits an event decides.");
}

export async function addRule(common: Common, options: RuleOptions): Promise<void> {
  const when = Object.fromEntries(
    CONDITIONS.flatMap(([option, name]) => {
      const pattern = options[option];
      return pattern === undefined ? [] : [[name, pattern]];
    }),
  );
  const example = "prunella rules add --message 'timeout after * ms' --as 'slow upstream'";
  if (Object.keys(when).length === 0)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "A rule needs at least one of --message, --class, --function, --file, --target.",
      hint: `Such as: ${example}`,
    });
  if (options.as === undefined)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "A rule needs --as: the name of the fault that fitting events become.",
      hint: `Such as: ${example}`,
    });
  const body = NewGroupingRule.safeParse({ project: options.project, when, group_as: options.as });
  if (!body.success) {
    const issue = body.error.issues[0];
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${issue?.path.join(".") ?? "rule"}: ${issue?.message ?? ""}.`,
    });
  }
  const answer = await connect(common).post("/v1/grouping-rules", body.data);
  if (common.json) return printJson(answer);
  const rule = field(answer, "rule");
  print(
    `Rule ${shortId(text(rule, "id"))}: when ${whenWords(rule)}, an event belongs to the fault ${plain(text(rule, "group_as"))}.\nIt decides for events that come from now on; what is counted stays where it is.\nUndo: prunella rules remove ${shortId(text(rule, "id"))}${dataFlag(common.data)}`,
  );
}

export async function removeRule(common: Common, typed: string): Promise<void> {
  const client = connect(common);
  const wanted = typed.trim().toLowerCase();
  const rules = list(await client.get("/v1/grouping-rules"), "rules");
  const found = rules.filter((rule) => meansId(wanted, text(rule, "id")));
  const [rule] = found;
  if (rule === undefined || found.length > 1 || wanted.length < 4)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail:
        found.length > 1 && wanted.length >= 4
          ? `${found.length} rules fit ${plain(typed)}.`
          : `There is no grouping rule ${plain(typed)}.`,
      hint: `See \`prunella rules list${dataFlag(common.data)}\` for their ids.`,
    });
  await client.delete(`/v1/grouping-rules/${encodeURIComponent(text(rule, "id"))}`);
  if (common.json) return printJson({ removed: rule });
  print(
    `Removed the rule for ${plain(text(rule, "group_as"))}; events are grouped without it from now on.\nUndo: ${addAgain(rule)}${dataFlag(common.data)}`,
  );
}

function whenWords(rule: unknown): string {
  const when = field(rule, "when");
  return CONDITIONS.flatMap(([option, name]) => {
    const pattern = text(when, name);
    return pattern === "" ? [] : [`${option} is ${plain(pattern)}`];
  }).join(" and ");
}

/** The command that writes a removed rule again, quoted for a POSIX shell. */
function addAgain(rule: unknown): string {
  const when = field(rule, "when");
  const quoted = (words: string) => `'${plain(words).replaceAll("'", "'\\''")}'`;
  const options = CONDITIONS.flatMap(([option, name]) =>
    text(when, name) === "" ? [] : [`--${option} ${quoted(text(when, name))}`],
  );
  const project = text(rule, "project_id");
  return `prunella rules add ${options.join(" ")} --as ${quoted(text(rule, "group_as"))}${project === "default" ? "" : ` --project ${project}`}`;
}
