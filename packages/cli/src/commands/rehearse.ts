import { setTimeout as wait } from "node:timers/promises";
import {
  PrunellaError,
  type Rehearsal,
  type RehearsalReport,
  type RehearsedTrigger,
  type Trigger,
  type TriggerDeeds,
} from "@prunella/contract";
import { loadConfig, triggersOf } from "@prunella/server";
import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { durationOf, durationWords } from "../duration.ts";
import { print, printJson } from "../print.ts";
import { table } from "../terminal/table.ts";
import { plain } from "../terminal/text.ts";
import { exact } from "../terminal/time.ts";

export interface RehearseOptions {
  readonly policy: string;
  readonly since: string;
  readonly against: string;
  readonly project?: string;
}

const LOOK_MS = 500;

export async function rehearse(common: Common, options: RehearseOptions): Promise<void> {
  const since = Date.now() - durationOf("--since", options.since);
  const policy = await policyIn(options.policy);
  const against = options.against === "current" ? null : await policyIn(options.against);
  const ask = connect(common);
  const of = options.project === undefined ? {} : { project: options.project };
  let { rehearsal } = await ask("rehearse", { ...of, policy, against, since });
  const say = progressOf();
  while (rehearsal.status === "running") {
    say(rehearsal);
    await wait(LOOK_MS);
    ({ rehearsal } = await ask("read_rehearsal", { ...of, id: rehearsal.id }));
  }
  say(null);
  const { report } = rehearsal;
  if (!report)
    throw new PrunellaError("PRUNELLA_CONFLICT", { detail: `The rehearsal failed: ${plain(rehearsal.error ?? "")}` });
  if (common.json) return printJson(report);
  show(report, options);
}

async function policyIn(path: string): Promise<Trigger[]> {
  const { config } = await loadConfig(path);
  return triggersOf(config);
}

/** Progress belongs to whoever waits at a terminal, and never into what is read. */
function progressOf(): (rehearsal: Rehearsal | null) => void {
  const isSeen = process.stderr.isTTY;
  return (rehearsal) => {
    if (!isSeen) return;
    const { replayed, total } = rehearsal ?? { replayed: 0, total: null };
    const words = total === null ? "reading what came in" : `${replayed} of ${total} replayed`;
    process.stderr.write(rehearsal ? `\r\u001b[K${words}` : "\r\u001b[K");
  };
}

function show(report: RehearsalReport, { policy, against }: RehearseOptions): void {
  const { since, until, deltas, events, triggers } = report;
  print(
    `${events} events in ${deltas} rows, ${exact(since)} to ${exact(until)} UTC (${durationWords(until - since)}). Nothing was done or written.`,
  );
  if (report.coarse_before !== null)
    print(
      `Before ${exact(report.coarse_before)} UTC some counts are of whole hours or days: there it is a rough picture.`,
    );
  if (triggers.length === 0) print("\nNeither policy has a trigger.");
  for (const one of triggers) {
    print(`\n${one.project_id} ${one.trigger_id}`);
    print(
      table(
        [{ title: "" }, { title: "FIRES" }, { title: "REFUSED" }, { title: "ASKED" }, { title: "BUDGET AT MOST" }],
        [
          line("happened", one.happened),
          line(plain(against), one.against),
          line(plain(policy), one.given),
          [
            "difference",
            signed(one.difference.fires),
            signed(one.difference.refused),
            signed(one.difference.escalations),
            "",
          ],
        ],
      ),
    );
    const busiest = busiestOf(one);
    if (busiest !== null) print(busiest);
  }
  print("\nWhat cannot be known was taken so:");
  for (const sentence of report.assumed) print(`  - ${sentence}`);
}

function line(name: string, deeds: TriggerDeeds | null): string[] {
  if (!deeds) return [name, "not in it", "", "", ""];
  return [
    name,
    String(deeds.fires),
    reasonsOf(deeds.refusals),
    reasonsOf(deeds.escalations),
    deeds.budgets.map(({ peak, max, window_ms: ms }) => `${peak} of ${max} in ${durationWords(ms)}`).join(", "),
  ];
}

export const reasonsOf = (reasons: Record<string, number>): string =>
  Object.entries(reasons)
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([reason, count]) => `${count} ${reason}`)
    .join(", ") || "0";

const signed = (count: number): string => (count > 0 ? `+${count}` : String(count));

/** When most was done; the hours are in the JSON. */
function busiestOf({ given }: RehearsedTrigger): string | null {
  const [busiest] = (given?.hours ?? []).toSorted((a, b) => b.fires - a.fires || a.at - b.at);
  return busiest && busiest.fires > 0
    ? `Most in an hour: ${busiest.fires} fires from ${exact(busiest.at)} UTC; every hour is in --json.`
    : null;
}
