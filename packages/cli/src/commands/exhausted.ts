import { shownTarget } from "@prunella/contract";
import { sprintMarkdown } from "@prunella/contract/sprint-markdown";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { durationOf } from "../duration.ts";
import { pageOf, printMore, type Paging } from "../paging.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { table } from "../terminal/table.ts";
import { plain } from "../terminal/text.ts";
import { exact, relative } from "../terminal/time.ts";

export async function listSprints(common: Common, options: Paging & { readonly all?: boolean }): Promise<void> {
  const answer = await connect(common)("list_sprints", { status: options.all ? "all" : "open" });
  const { rows: sprints, next } = pageOf(answer.sprints, ({ id }) => id, options);
  if (common.json) return printJson({ sprints, next });
  if (sprints.length === 0)
    return print(
      options.all
        ? "No fault has ever come back often enough to ask for the repair of its cause."
        : `No cause is to be repaired. Closed ones: ${commandLine(common, "sprints list --all")}`,
    );
  const now = Date.now();
  print(
    table(
      [
        { title: "ID" },
        { title: "STATUS" },
        { title: "OPENED" },
        { title: "TARGET" },
        { title: "WHY" },
        { title: "TRIED", align: "right" },
        { title: "FAULT", fills: true },
      ],
      sprints.map((each) => [
        shortId(each.id),
        each.closed_at === null ? "open" : "closed",
        relative(each.opened_at, now),
        plain(shownTarget(each.target)),
        each.reason,
        String(each.brief.counts.attempts),
        plain(each.fault_title ?? ""),
      ]),
    ),
  );
  printMore(common, `sprints list${options.all ? " --all" : ""} --limit ${options.limit}`, next);
}

export async function showSprint(common: Common, id: string, options: { readonly markdown?: boolean }): Promise<void> {
  const { sprint } = await connect(common)("read_sprint", { id });
  if (common.json) return printJson(sprint);
  print(options.markdown ? sprintMarkdown(sprint, exact) : sprintMarkdown(sprint, exact).replaceAll(/^#+ |[*`]/gm, ""));
}

export async function closeSprint(common: Common, id: string, options: { readonly reason: string }): Promise<void> {
  const { sprint } = await connect(common)("close_sprint", { id, reason: options.reason });
  if (common.json) return printJson(sprint);
  print(`Closed: ${plain(options.reason)}. If the same comes back so often again, another is opened.`);
}

export interface AwayOptions {
  readonly since?: string;
  readonly project?: string;
  readonly reviewed?: boolean;
}

export async function away(common: Common, options: AwayOptions): Promise<void> {
  const query = {
    ...(options.project === undefined ? {} : { project: options.project }),
    ...(options.since === undefined ? {} : { since: Date.now() - durationOf("--since", options.since) }),
  };
  const page = await connect(common)(options.reviewed ? "review_away" : "read_away", query);
  if (common.json) return printJson(page);
  const { items, since, now } = page;
  if (items.length === 0) print(`Nothing was left unsolved since ${exact(since)} UTC.`);
  else
    print(
      table(
        [
          { title: "LEDGER", align: "right" },
          { title: "ASKED" },
          { title: "TARGET" },
          { title: "TRIED", align: "right" },
          { title: "WHY IT STOPPED" },
          { title: "ESCALATION" },
          { title: "FAULT", fills: true },
        ],
        items.map((each) => [
          String(each.audit_log_id),
          relative(each.opened_at, now),
          plain(shownTarget(each.target)),
          `${each.tried}× ${each.action}`,
          each.reason,
          `${shortId(each.escalation_id)} ${each.status}`,
          plain(each.fault_title ?? ""),
        ]),
      ),
    );
  if (options.reviewed) return print(`Recorded: all since ${exact(since)} UTC is reviewed. What is open stays open.`);
  const asked = `${options.since === undefined ? "" : ` --since ${options.since}`}${options.project === undefined ? "" : ` --project ${options.project}`}`;
  if (items.length > 0) print(`\nWhen you have seen all of it: ${commandLine(common, `away${asked} --reviewed`)}`);
}
