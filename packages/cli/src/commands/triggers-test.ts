import { shownTarget, type TriggerTest } from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { durationOf } from "../duration.ts";
import { findTrigger } from "../find-trigger.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { table } from "../terminal/table.ts";
import { bold, plain } from "../terminal/text.ts";
import { exact } from "../terminal/time.ts";
import { reasonsOf } from "./rehearse.ts";

export interface TestOptions {
  readonly project?: string;
  readonly since: string;
}

/** As many are shown; `--json` has more. */
const SHOWN = 20;

export async function testTrigger(common: Common, typed: string, options: TestOptions): Promise<void> {
  const since = Date.now() - durationOf("--since", options.since);
  const { test } = await connect(common)("test_trigger", {
    ...(await findTrigger(common, typed, options.project)),
    since,
  });
  if (common.json) return printJson(test);
  const { looked, held, events, deltas, until } = test;
  print(bold(`${test.trigger_id}, version ${test.version}`));
  print(
    `It was looked at ${times(looked)}, and its condition held ${times(held)}: ${events} events in ${deltas} rows of ${test.project_id}, ${exact(test.since)} to ${exact(until)} UTC (${options.since}). Nothing was done or written.`,
  );
  if (test.coarse_before !== null)
    print(
      `Before ${exact(test.coarse_before)} UTC some counts are of whole hours or days: there it is a rough picture.`,
    );
  if (held === 0) return print(whyNever(common, test));
  print(
    `\n${table(
      [{ title: "TARGET" }, { title: "HELD" }, { title: "EVENTS" }, { title: "FIRST (UTC)" }, { title: "LAST (UTC)" }],
      test.targets
        .slice(0, SHOWN)
        .map((each) => [
          plain(shownTarget(each.target)) || "what its events name",
          String(each.held),
          String(each.events),
          exact(each.first_at),
          exact(each.last_at),
        ]),
    )}`,
  );
  print(
    `\n${table(
      [{ title: "HELD AT (UTC)" }, { title: "TARGET" }, { title: "FAULT" }, { title: "EVENTS" }],
      test.moments
        .slice(0, SHOWN)
        .map(({ at, target, fault_id: fault, events: count }) => [
          exact(at),
          plain(shownTarget(target)),
          fault === null ? "" : shortId(fault),
          String(count),
        ]),
    )}`,
  );
  if (held > SHOWN) print(`These are the last ${SHOWN}; --json has up to 200.`);
  const { fires, refusals, escalations } = test.gate;
  print(
    `\nThe gate would have permitted ${times(fires)}, refused ${reasonsOf(refusals)}, and asked a person ${reasonsOf(escalations)}. What is taken for that where it cannot be known stands in --json.`,
  );
}

const times = (count: number): string => (count === 1 ? "once" : `${count} times`);

function whyNever(common: Common, { looked, deltas, trigger_id: id, project_id: project }: TriggerTest): string {
  if (deltas === 0) return "Nothing came in in this time.";
  const why = looked === 0 ? "Nothing that came in could concern it." : "What came in never fulfilled it.";
  return `${why} What it looks at: ${commandLine(common, `triggers show ${id} --project ${project}`)}`;
}
