import type { FaultRow, InputOf, Operations } from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine, quoted } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { findProject } from "../find-project.ts";
import { printMore, type Paging } from "../paging.ts";
import { print, printJson } from "../print.ts";
import { table } from "../terminal/table.ts";
import { dim, plain, red, yellow } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";
import { shortId } from "../terminal/short-id.ts";

export interface FaultsOptions extends Paging {
  readonly project?: string;
  readonly status: NonNullable<Asked["status"]>;
  readonly sort: NonNullable<Asked["sort"]>;
}

type Asked = InputOf<Operations["list_faults"]>;

export async function faults(common: Common, words: readonly string[], options: FaultsOptions): Promise<void> {
  // The shell has taken quotes off: what it left as one word with spaces is a whole search already.
  const query = words.join(" ");
  const page = await connect(common)("list_faults", {
    project: options.project,
    status: options.status,
    sort: options.sort,
    q: query === "" ? undefined : query,
    cursor: options.cursor,
    limit: Number(options.limit),
  });
  const found = page.faults;
  // A project that is not there has no faults either, which would read like good news.
  if (found.length === 0 && options.project !== undefined) await findProject(common, options.project);
  if (common.json) return printJson({ faults: found, next: page.next, total: page.total, searched: page.searched });
  if (found.length === 0) return print(nothing(options, page.searched, common));
  const now = Date.now();
  const rows = found.map((fault) => [
    shortId(fault.id),
    fault.status,
    String(fault.count),
    relative(fault.last_seen, now),
    plain(fault.title),
    fault.open_escalation_id ? "decide" : healing(fault),
  ]);
  print(
    table(
      [
        { title: "ID" },
        { title: "STATUS" },
        { title: "COUNT", align: "right" },
        { title: "LAST SEEN" },
        { title: "FAULT", fills: true },
        { title: "HEALING" },
      ],
      rows,
      (cell, column) =>
        column === 1 && cell === "regressed" ? red(cell) : column === 5 && cell === "decide" ? yellow(cell) : cell,
    ),
  );
  if (page.next !== null) print(dim(`${found.length} of ${page.total}`));
  printMore(common, again(query, options), page.next);
}

function healing({ healing: last }: FaultRow): string {
  if (last?.verification === "ineffective" && !last.came_back) return "other failure";
  return last?.refusal ?? last?.verification ?? last?.state ?? "";
}

/** The same search, for its next page. */
const again = (query: string, { project, status, sort, limit }: FaultsOptions): string =>
  [
    "faults",
    ...(query === "" ? [] : [quoted(query)]),
    `--status ${status} --sort ${sort} --limit ${limit}`,
    ...(project === undefined ? [] : [`--project ${quoted(project)}`]),
  ].join(" ");

function nothing({ status, project }: FaultsOptions, searched: readonly string[], common: Common): string {
  const among = status === "active" ? " Resolved and muted ones were left out; --status all looks there too." : "";
  if (searched.length > 0) return `No fault fits. Looked at: ${searched.join(", ")}.${among}`;
  if (project !== undefined) return `No fault fits. Leave out --project to see more.${among}`;
  if (status !== "active") return `No fault is ${status === "all" ? "known" : status}.`;
  return `Nothing goes wrong, as far as Prunella knows.\nLet it know: give your SDK the DSN from \`${commandLine(common, "projects list")}\`,\nor see how a program is run: ${commandLine(common, "run --help")}`;
}
