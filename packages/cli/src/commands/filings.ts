import type { Filing, FilingBacklog } from "@prunella/contract/plugins";
import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { pageOf, printMore, type Paging } from "../paging.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { table } from "../terminal/table.ts";
import { clip, plain } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";

/** What was filed at the host of repositories. */
export async function listFilings(common: Common, options: Paging & { readonly project?: string }): Promise<void> {
  const of = options.project === undefined ? {} : { project: options.project };
  const answer = await connect(common)("list_filings", { ...of, limit: 500 });
  const { rows: filings, next } = pageOf(answer.filings, ({ filing_id: id }) => id, options);
  const { backlog } = answer;
  if (common.json) return printJson({ filings, backlog, next });
  if (filings.length === 0)
    return print("Nothing was filed. A plugin that is trusted with forge:issue:write files issues.");
  const now = Date.now();
  print(
    table(
      [{ title: "ISSUE" }, { title: "PROJECT" }, { title: "FILED" }, { title: "ABOUT" }, { title: "URL", fills: true }],
      filings.map((each) => [
        each.number === null ? plain(each.place) : `${plain(each.place)}#${each.number}`,
        each.project_id,
        each.filed_at === null ? (each.refused === null ? "not yet" : "refused") : relative(each.filed_at, now),
        aboutOf(each),
        plain(each.url ?? each.refused ?? ""),
      ]),
    ),
  );
  if (backlog.waiting > 0) print(backlogLine(backlog, now));
  printMore(
    common,
    `issues${options.project === undefined ? "" : ` --project ${options.project}`} --limit ${options.limit}`,
    next,
  );
}

const MOST_ABOUT = 48;
/** In words where there are any; a name may be a key that says nothing to anybody. */
const aboutOf = ({ title, fault_id: fault, name }: Filing): string =>
  clip(title !== null ? plain(title) : fault !== null ? shortId(fault) : plain(name), MOST_ABOUT);

/** How much waits, until when, and when it is likely to be over. */
export function backlogLine({ waiting, until, reason, ends_at: endsAt }: FilingBacklog, now: number): string {
  const head = `${waiting} ${waiting === 1 ? "waits" : "wait"} to be filed, the most frequent first`;
  const pause = until === null ? "" : `; the host is asked again ${relative(until, now)}: ${plain(reason ?? "")}`;
  return `${head}${pause}${endsAt === null ? "." : `; over ${relative(endsAt, now)}, about.`}`;
}
