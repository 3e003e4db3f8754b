import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { field, list, number, text, textOrNull } from "../read.ts";
import { table } from "../terminal/table.ts";
import { plain, red } from "../terminal/text.ts";

export async function triggers(common: Common): Promise<void> {
  const page = await connect(common).get("/v1/triggers");
  if (common.json) return printJson(page);
  if (field(field(page, "killed"), "on") === true)
    print(`${red("The kill switch is on: nothing acts.")} Undo: prunella unkill\n`);
  const found = list(page, "triggers");
  if (found.length === 0)
    return print("There are no triggers. `prunella run -- <command>` registers one for its program.");
  const rows = found.map((each) => {
    const budget = field(each, "budget");
    const envelope = field(each, "envelope");
    return [
      text(each, "id"),
      plain(text(field(each, "condition"), "target")),
      textOrNull(each, "remedy") ?? "none",
      field(envelope, "enabled") === true ? "on" : "off",
      `${number(each, "used")} of ${number(budget, "max")} in ${number(budget, "window_ms") / 60_000} min`,
      `${number(each, "active")} of ${number(each, "ceiling")}`,
      text(field(each, "last_attempt"), "refusal") || text(field(each, "last_attempt"), "state"),
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
      ],
      rows,
    ),
  );
}
