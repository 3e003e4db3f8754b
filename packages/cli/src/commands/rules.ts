import { PrunellaError, type GroupingRule } from "@prunella/contract";
import { NewGroupingRule } from "@prunella/contract/operations";
import { connect } from "../client.ts";
import { commandLine, quoted } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { pageOf, printMore, type Paging } from "../paging.ts";
import { print, printJson } from "../print.ts";
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

const EXAMPLE = "rules add --message 'timeout after * ms' --as 'slow upstream'";

/** Options of `rules add`, with the name that the contract gives each condition. */
const CONDITIONS = [
  ["class", "error_class"],
  ["message", "message"],
  ["function", "function"],
  ["file", "file"],
  ["target", "target"],
] as const;

export async function listRules(common: Common, paging: Paging): Promise<void> {
  const answer = await connect(common)("list_rules");
  const { rows: rules, next } = pageOf(answer.rules, ({ id }) => id, paging);
  if (common.json) return printJson({ rules, next });
  if (rules.length === 0)
    return print(
      `There are no grouping rules; most projects need none. Write one when one cause shows up as many faults:\n  ${commandLine(common, EXAMPLE)}`,
    );
  const now = Date.now();
  const columns = [{ title: "ID" }, { title: "PROJECT" }, { title: "SINCE" }, { title: "FAULT" }, { title: "WHEN" }];
  const rows = rules.map((rule) => [
    shortId(rule.id),
    rule.project_id,
    relative(rule.created_at, now),
    plain(rule.group_as),
    whenWords(rule),
  ]);
  // Rules are there to be read whole: never clipped.
  print(table(columns, rows));
  if (rules.length > 1) print("The oldest rule that fits an event decides.");
  printMore(common, `rules list --limit ${paging.limit}`, next);
}

export async function addRule(common: Common, options: RuleOptions): Promise<void> {
  const when = Object.fromEntries(
    CONDITIONS.flatMap(([option, name]) => {
      const pattern = options[option];
      return pattern === undefined ? [] : [[name, pattern]];
    }),
  );
  if (Object.keys(when).length === 0)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "A rule needs at least one of --message, --class, --function, --file, --target.",
      hint: `Such as: prunella ${EXAMPLE}`,
    });
  if (options.as === undefined)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "A rule needs --as: the name of the fault that fitting events become.",
      hint: `Such as: prunella ${EXAMPLE}`,
    });
  const body = NewGroupingRule.safeParse({ project: options.project, when, group_as: options.as });
  if (!body.success) {
    const issue = body.error.issues[0];
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${issue?.path.join(".") ?? "rule"}: ${issue?.message ?? ""}.`,
    });
  }
  const answer = await connect(common)("add_rule", body.data);
  if (common.json) return printJson(answer);
  const { rule } = answer;
  print(
    `Rule ${shortId(rule.id)}: when ${whenWords(rule)}, an event belongs to the fault ${plain(rule.group_as)}.\nIt decides for events that come from now on; what is counted stays where it is.\nUndo: ${commandLine(common, `rules remove ${shortId(rule.id)}`)}`,
  );
}

export async function removeRule(common: Common, typed: string): Promise<void> {
  const call = connect(common);
  const wanted = typed.trim().toLowerCase();
  const { rules } = await call("list_rules");
  const found = rules.filter((rule) => meansId(wanted, rule.id));
  const [rule] = found;
  if (rule === undefined || found.length > 1 || wanted.length < 4)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail:
        found.length > 1 && wanted.length >= 4
          ? `${found.length} rules fit ${plain(typed)}.`
          : `There is no grouping rule ${plain(typed)}.`,
      hint: "See `prunella rules list` for their ids.",
    });
  await call("remove_rule", { id: rule.id });
  if (common.json) return printJson({ removed: rule });
  print(
    `Removed the rule for ${plain(rule.group_as)}; events are grouped without it from now on.\nUndo: ${commandLine(common, addAgain(rule))}`,
  );
}

function whenWords({ when }: GroupingRule): string {
  return CONDITIONS.flatMap(([option, name]) => {
    const pattern = when[name];
    return pattern === undefined ? [] : [`${option} is ${plain(pattern)}`];
  }).join(" and ");
}

/** The command that writes a removed rule again, quoted for a POSIX shell. */
function addAgain({ when, group_as, project_id: project }: GroupingRule): string {
  const options = CONDITIONS.flatMap(([option, name]) => {
    const pattern = when[name];
    return pattern === undefined ? [] : [`--${option} ${quoted(plain(pattern))}`];
  });
  return `rules add ${options.join(" ")} --as ${quoted(plain(group_as))}${project === "default" ? "" : ` --project ${project}`}`;
}
