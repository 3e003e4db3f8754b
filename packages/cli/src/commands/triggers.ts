import { shownTarget } from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { durationWords } from "../duration.ts";
import { printMore, type Paging } from "../paging.ts";
import { print, printJson } from "../print.ts";
import { table } from "../terminal/table.ts";
import { plain, red } from "../terminal/text.ts";
import { exact } from "../terminal/time.ts";

export async function triggers(common: Common, paging: Paging): Promise<void> {
  const page = await connect(common)("list_triggers", { cursor: paging.cursor, limit: Number(paging.limit) });
  if (common.json) return printJson(page);
  if (page.killed.on) print(`${red("The kill switch is on: nothing acts.")} Undo: ${commandLine(common, "unkill")}\n`);
  const found = page.triggers;
  if (found.length === 0)
    return print(`There are no triggers. A program that is run gets one: ${commandLine(common, "run --help")}`);
  const rows = found.map((each) => {
    const { envelope } = each;
    return [
      each.id,
      plain(shownTarget(each.target ?? each.condition.target ?? "")) || "what its events name",
      each.remedies.map(({ action }) => action).join(", then ") || "none: it only watches",
      envelope.enabled ? "on" : "off",
      each.budgets.map(({ used, max, window_ms }) => `${used} of ${max} in ${durationWords(window_ms)}`).join(", "),
      each.ceilings.map(({ active, max }) => `${active} of ${max}`).join(", "),
      each.last_attempt?.refusal ?? each.last_attempt?.state ?? "",
      each.last_proven === null ? "never" : exact(each.last_proven.at).slice(0, 10),
    ];
  });
  print(
    table(
      [
        { title: "TRIGGER" },
        { title: "TARGET" },
        { title: "REMEDY" },
        { title: "SWITCH" },
        { title: "BUDGET USED" },
        { title: "ACTIVE" },
        { title: "LAST" },
        { title: "LAST PROVEN" },
      ],
      rows,
    ),
  );
  printMore(common, `triggers --limit ${paging.limit}`, page.next);
}
