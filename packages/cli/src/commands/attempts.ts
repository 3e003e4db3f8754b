import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { findProject } from "../find-project.ts";
import { wholeNumber } from "../numbers.ts";
import { print, printJson } from "../print.ts";
import { attemptTable } from "../terminal/attempt-table.ts";

export interface AttemptsOptions {
  readonly fault?: string;
  readonly project?: string;
  readonly limit: string;
}

export async function attempts(common: Common, options: AttemptsOptions): Promise<void> {
  const limit = wholeNumber("--limit", options.limit, 1, 200);
  const page = await connect(common)("list_attempts", {
    fault: options.fault,
    project: options.project,
    limit,
  });
  const found = page.attempts;
  if (found.length === 0 && options.project !== undefined) await findProject(common, options.project);
  if (common.json) return printJson(page);
  print(
    found.length === 0
      ? "Nothing was tried yet. Attempts appear when a program that runs under `prunella run` crashes."
      : attemptTable(found, Date.now()),
  );
}
