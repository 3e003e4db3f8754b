import { connect } from "../client.ts";
import { commandLine, quoted } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { findProject } from "../find-project.ts";
import { printMore, type Paging } from "../paging.ts";
import { print, printJson } from "../print.ts";
import { attemptTable } from "../terminal/attempt-table.ts";

export interface AttemptsOptions extends Paging {
  readonly fault?: string;
  readonly project?: string;
}

export async function attempts(common: Common, options: AttemptsOptions): Promise<void> {
  const page = await connect(common)("list_attempts", {
    fault: options.fault,
    project: options.project,
    cursor: options.cursor,
    limit: Number(options.limit),
  });
  const found = page.attempts;
  if (found.length === 0 && options.project !== undefined) await findProject(common, options.project);
  if (common.json) return printJson(page);
  print(
    found.length === 0
      ? `Nothing was tried yet. Attempts appear when a program crashes that is run by it: ${commandLine(common, "run --help")}`
      : attemptTable(found, Date.now()),
  );
  const { fault, project, limit } = options;
  const words = [
    `attempts --limit ${limit}`,
    ...(fault === undefined ? [] : [`--fault ${quoted(fault)}`]),
    ...(project === undefined ? [] : [`--project ${quoted(project)}`]),
  ];
  printMore(common, words.join(" "), page.next);
}
