import { shownTarget } from "@prunella/contract";
import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { table } from "../terminal/table.ts";
import { plain, yellow } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";

export async function escalations(common: Common, options: { readonly all?: boolean }): Promise<void> {
  const page = await connect(common)("list_escalations", { status: options.all ? "all" : "open" });
  if (common.json) return printJson(page);
  const found = page.escalations;
  if (found.length === 0)
    return print(
      options.all
        ? "There was never anything to decide."
        : "Nothing waits for you. Past decisions: prunella escalations --all",
    );
  const now = Date.now();
  const rows = found.map((each) => [
    shortId(each.id),
    each.status === "open" ? "open" : (each.decision ?? each.status),
    relative(each.opened_at, now),
    plain(shownTarget(each.target)),
    each.reason,
    String(each.failures_since),
    plain(each.fault_title ?? ""),
  ]);
  print(
    table(
      [
        { title: "ID" },
        { title: "STATUS" },
        { title: "OPENED" },
        { title: "TARGET" },
        { title: "REASON" },
        { title: "FAILED SINCE", align: "right" },
        { title: "FAULT", fills: true },
      ],
      rows,
      (cell, column) => (column === 1 && cell === "open" ? yellow(cell) : cell),
    ),
  );
  const open = found.find((each) => each.status === "open");
  if (open === undefined) return;
  const until = relative(open.expires_at, now);
  print(
    `\nDecide: prunella decide ${shortId(open.id)} ${open.options.map((choice) => choice.name).join("|")}\nWithout a decision ${until}: ${open.default_decision}`,
  );
}
