import { createInterface } from "node:readline/promises";
import { PrunellaError, type CrashStanding, type FaultPromotion, type IssueDraft } from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { pageOf, printMore, type Paging } from "../paging.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { table } from "../terminal/table.ts";
import { bold, plain, plainLines, yellow } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";

/** The gate said no. */
const REFUSED_EXIT = 3;

export interface PromoteOptions extends Paging {
  readonly project?: string;
  readonly yes?: true;
  readonly file?: true;
  readonly refuse?: true;
  readonly reproduced?: true;
  readonly fixedIn?: string;
  readonly pull?: string;
}

/** What a person says about a triaged fault. What is made public is shown before. */
export async function promote(common: Common, id: string | undefined, options: PromoteOptions): Promise<void> {
  const said = saidIn(options);
  if (id === undefined) {
    if (said !== "promote" || options.yes) throw usage("Name the fault: prunella promote <fault>.");
    return listTriaged(common, options);
  }
  if (options.project !== undefined) throw usage("--project belongs to the list, without a fault.");
  const call = connect(common);
  if (said !== "promote") {
    const fix = options.fixedIn === undefined ? {} : { release: options.fixedIn };
    const pull = options.pull === undefined ? {} : { pull: options.pull };
    return tell(common, await call("promote_fault", { id, do: said, ...fix, ...pull }));
  }
  const before = await call("read_promotion", { id });
  const { public_draft: draft, standing } = before;
  if (standing === null || draft === null) {
    // The server knows why, and says so.
    return tell(common, await call("promote_fault", { id, do: "promote" }));
  }
  if (options.yes !== true) {
    if (!process.stdin.isTTY || !process.stderr.isTTY) {
      if (common.json) printJson(before);
      else printDraft(draft);
      throw new PrunellaError("PRUNELLA_USAGE", {
        detail: "What is public stays public.",
        hint: `Nothing was sent. To send exactly this: ${commandLine(common, `promote ${plain(id)} --yes`)}`,
      });
    }
    printDraft(draft);
    await confirm(draft);
  }
  tell(common, await call("promote_fault", { id, do: "promote", sha256: draft.sha256 }));
}

function saidIn(options: PromoteOptions): "promote" | "file" | "refuse" | "confirm" | "fixed" {
  const said = [
    ...(options.file ? (["file"] as const) : []),
    ...(options.refuse ? (["refuse"] as const) : []),
    ...(options.reproduced ? (["confirm"] as const) : []),
    ...(options.fixedIn === undefined ? [] : (["fixed"] as const)),
  ];
  if (said.length > 1) throw usage("--file, --refuse, --reproduced and --fixed-in are one at a time.");
  if (options.pull !== undefined && options.fixedIn === undefined) throw usage("--pull belongs to --fixed-in.");
  return said[0] ?? "promote";
}

function printDraft({ place, title, body }: IssueDraft): void {
  print(`Into ${bold(plain(place))}, for everybody to see:\n`);
  print(`  ${bold(plain(title))}\n`);
  for (const line of plainLines(body)) print(`  ${line}`);
  print("");
}

async function confirm({ place }: IssueDraft): Promise<void> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question(`File this in ${plain(place)}? What is public stays public. Type yes: `);
  asking.close();
  if (answer.trim().toLowerCase() !== "yes") throw usage("Nothing was sent.");
}

function tell(
  common: Common,
  came: { verdict: string; refusal: string | null; detail: string | null; promotion: FaultPromotion },
): void {
  if (came.verdict === "refused") process.exitCode = REFUSED_EXIT;
  if (came.verdict === "failed") process.exitCode = 1;
  if (common.json) return printJson(came);
  const { standing } = came.promotion;
  if (came.verdict === "refused")
    print(
      `The gate refused it: ${yellow(came.refusal ?? "refused")}${came.detail === null ? "" : `, ${plain(came.detail)}`}`,
    );
  if (came.verdict === "failed") print(`It came to nothing${came.detail === null ? "." : `: ${plain(came.detail)}`}`);
  if (came.verdict === "pending") print("It is under way.");
  if (standing !== null) print(wordsOf(standing, Date.now()));
}

/** How it stands, a line for each thing that is so. */
function wordsOf(row: CrashStanding, now: number): string {
  const issue = (of: CrashStanding["private_issue"]) =>
    of === null ? "none" : plain(of.url ?? `${of.place}#${of.number}`);
  return [
    `  fault    ${shortId(row.fault_id)}, ${row.events} events of ${row.senders} senders`,
    `  status   ${row.status}${row.refused_at === null ? "" : `, kept private ${relative(row.refused_at, now)}`}${row.is_reproduced ? ", seen again" : ""}`,
    `  private  ${issue(row.private_issue)}`,
    `  public   ${issue(row.public_issue)}`,
    ...(row.fix === null
      ? []
      : [`  fix      ${plain(row.fix.release)}${row.fix.pull === null ? "" : `, ${plain(row.fix.pull)}`}`]),
    ...(row.trouble === null ? [] : [`  trouble  ${plain(row.trouble)}`]),
  ].join("\n");
}

async function listTriaged(common: Common, options: PromoteOptions): Promise<void> {
  const of = options.project === undefined ? {} : { project: options.project };
  const answer = await connect(common)("crash_stats", { ...of, limit: 500 });
  const { rows, next } = pageOf(answer.faults, ({ fault_id: id }) => id, options);
  if (common.json) return printJson({ is_on: answer.is_on, faults: rows, next });
  if (rows.length === 0)
    return print(
      answer.is_on
        ? "Nothing was triaged yet."
        : "No repository is set where faults are triaged: forge.triage of the configuration.",
    );
  print(
    table(
      [
        { title: "FAULT" },
        { title: "STATUS" },
        { title: "EVENTS", align: "right" },
        { title: "SENDERS", align: "right" },
        { title: "PRIVATE" },
        { title: "PUBLIC" },
        { title: "TITLE", fills: true },
      ],
      rows.map((row) => [
        shortId(row.fault_id),
        row.refused_at === null ? row.status : "refused",
        String(row.events),
        String(row.senders),
        row.private_issue === null ? "not yet" : `#${row.private_issue.number}`,
        row.public_issue === null ? "no" : `#${row.public_issue.number}`,
        plain(row.title),
      ]),
    ),
  );
  printMore(
    common,
    `promote${options.project === undefined ? "" : ` --project ${options.project}`} --limit ${options.limit}`,
    next,
  );
}

const usage = (detail: string) => new PrunellaError("PRUNELLA_USAGE", { detail });
