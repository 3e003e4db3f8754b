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
  readonly status: NonNullable<InputOf<Operations["list_faults"]>["status"]>;
  readonly search?: string;
}

export async function faults(common: Common, options: FaultsOptions): Promise<void> {
  const page = await connect(common)("list_faults", {
    project: options.project,
    status: options.status,
    q: options.search,
    cursor: options.cursor,
    limit: Number(options.limit),
  });
  const found = page.faults;
  // A project that is not there has no faults either, which would read like good news.
  if (found.length === 0 && options.project !== undefined) await findProject(common, options.project);
  if (common.json) return printJson({ faults: found, total: page.total, next: page.next });
  if (found.length === 0) return print(nothing(options, common));
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
  const total = page.total;
  if (total > found.length) print(dim(`${found.length} of ${total}`));
  printMore(common, words(options), page.next);
}

function healing({ healing: last }: FaultRow): string {
  if (last?.verification === "ineffective" && !last.came_back) return "other failure";
  return last?.refusal ?? last?.verification ?? last?.state ?? "";
}

/** The same query, for its next page. */
const words = ({ project, status, search, limit }: FaultsOptions): string =>
  [
    `faults --status ${status} --limit ${limit}`,
    ...(project === undefined ? [] : [`--project ${quoted(project)}`]),
    ...(search === undefined ? [] : [`--search ${quoted(search)}`]),
  ].join(" ");

function nothing({ status, project, search }: FaultsOptions, common: Common): string {
  if (search !== undefined || project !== undefined)
    return "No fault fits. Leave out --search or --project to see more.";
  if (status !== "active") return `No fault is ${status === "all" ? "known" : status}.`;
  return `Nothing goes wrong, as far as Prunella knows.\nLet it know: give your SDK the DSN from \`${commandLine(common, "projects list")}\`,\nor see how a program is run: ${commandLine(common, "run --help")}`;
}
