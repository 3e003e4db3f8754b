import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { pageOf, printMore, type Paging } from "../paging.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { table } from "../terminal/table.ts";
import { plain } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";

/** What was filed at the host of repositories. */
export async function listFilings(common: Common, options: Paging & { readonly project?: string }): Promise<void> {
  const of = options.project === undefined ? {} : { project: options.project };
  const answer = await connect(common)("list_filings", { ...of, limit: 500 });
  const { rows: filings, next } = pageOf(answer.filings, ({ filing_id: id }) => id, options);
  if (common.json) return printJson({ filings, next });
  if (filings.length === 0)
    return print("Nothing was filed. A plugin that is trusted with forge:issue:write files issues.");
  const now = Date.now();
  print(
    table(
      [{ title: "ISSUE" }, { title: "PROJECT" }, { title: "FILED" }, { title: "ABOUT" }, { title: "URL", fills: true }],
      filings.map((each) => [
        each.number === null ? plain(each.place) : `${plain(each.place)}#${each.number}`,
        each.project_id,
        each.filed_at === null ? "not yet" : relative(each.filed_at, now),
        each.fault_id === null ? plain(each.name).slice(0, 12) : shortId(each.fault_id),
        plain(each.url ?? ""),
      ]),
    ),
  );
  printMore(
    common,
    `issues${options.project === undefined ? "" : ` --project ${options.project}`} --limit ${options.limit}`,
    next,
  );
}
