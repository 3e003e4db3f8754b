import {
  conditionWords,
  PrunellaError,
  shownTarget,
  writeDuration,
  type Trigger,
  type TriggerShown,
} from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { findTrigger } from "../find-trigger.ts";
import { print, printJson } from "../print.ts";
import { attemptTable } from "../terminal/attempt-table.ts";
import { shortId } from "../terminal/short-id.ts";
import { table } from "../terminal/table.ts";
import { bold, plain } from "../terminal/text.ts";
import { exact, relative } from "../terminal/time.ts";
import { pause, resume, windowWords, type PauseOptions } from "./standing.ts";

export interface OfProject {
  readonly project?: string;
}

export async function showTrigger(common: Common, typed: string, options: OfProject): Promise<void> {
  const shown = await connect(common)("show_trigger", await findTrigger(common, typed, options.project));
  if (common.json) return printJson(shown);
  const { trigger, attempts, hours, pauses, evaluations } = shown;
  const { envelope, remedies } = trigger;
  const now = Date.now();
  const ladder = remedies.map(({ action, timeout_ms }) => `${action} (within ${writeDuration(timeout_ms)})`);
  const lines: [string, string][] = [
    ["Project", trigger.project_id],
    ["When", plain(conditionWords(trigger.condition))],
    ["Acts on", plain(shownTarget(trigger.target ?? "")) || "what its events name"],
    ["Ladder", remedies.length === 0 ? "none: it only watches" : [...ladder, "a person"].join(", then ")],
    ["Envelope", `${envelope.enabled ? "on" : "off"}: ${envelope.actions.join(", ") || "no actions"}`],
    ["On", envelope.targets.map((target) => plain(shownTarget(target))).join(", ") || "no targets"],
    ["Proven", provenWords(trigger, now)],
    ...nowLines(trigger.now),
    ["Mode", trigger.mode === "dry_run" ? "dry_run: every check, and nothing is done" : "acts"],
    ...timesOf(trigger),
    ...(trigger.sprint_at === null
      ? []
      : [["Sprint", `at once from ${trigger.sprint_at} on`] satisfies [string, string]]),
    ["Log", trigger.log_evaluations === "all" ? "each evaluation, the first 1,000 of an hour" : "what held"],
  ];
  print(bold(`${trigger.id}, version ${trigger.version}`));
  for (const [name, value] of lines) print(`  ${name.padEnd(9)} ${value}`);
  for (const { scope, used, max, window_ms, next_free_at: free } of trigger.budgets)
    print(
      `  ${"Budget".padEnd(9)} ${used} of ${max} in ${writeDuration(window_ms)}, of the ${scope}${used < max || free === null ? "" : `; next free ${relative(free, now)}, ${exact(free)} UTC`}`,
    );
  for (const { scope, active, max } of trigger.ceilings)
    print(`  ${"At once".padEnd(9)} ${active} of ${max}, of the ${scope}`);
  for (const each of pauses)
    print(
      `  ${"Paused".padEnd(9)} ${plain(each.reason)}${each.trigger_id === null ? ", the whole project" : ""}${each.until === null ? "" : `, until ${exact(each.until)} UTC`}`,
    );
  if (hours.length > 0)
    print(
      `\n${table(
        [{ title: "HOUR (UTC)" }, { title: "LOOKED" }, { title: "HELD" }, { title: "FIRED" }],
        hours.map(({ at, evaluated, held, fired }) => [
          exact(at).slice(0, 16),
          String(evaluated),
          String(held),
          String(fired),
        ]),
      )}`,
    );
  if (evaluations.length > 0)
    print(
      `\n${table(
        [
          { title: "LOOKED (UTC)" },
          { title: "HELD" },
          { title: "FAULT" },
          { title: "TARGET" },
          { title: "SOURCE" },
          { title: "LEVEL" },
          { title: "EVENTS" },
        ],
        evaluations.map(({ at, held, fault_id: fault, target, source, level, count }) => [
          exact(at),
          held ? "yes" : "no",
          shortId(fault),
          plain(shownTarget(target)),
          source,
          level,
          String(count),
        ]),
      )}`,
    );
  else if (trigger.log_evaluations === "all") print("\nIt was not looked at since each evaluation is kept.");
  print(attempts.length === 0 ? "\nNothing was tried by it yet." : `\n${attemptTable(attempts, now)}`);
}

/** When it does nothing by itself. */
function timesOf({ windows, storm }: Pick<Trigger, "windows" | "storm">): [string, string][] {
  return [
    ...windows.maintenance.map((window): [string, string] => ["Closed", `${windowWords(window)}: maintenance`]),
    ...windows.quiet.map((window): [string, string] => ["Quiet", windowWords(window)]),
    ...(storm
      ? [
          [
            "Storm",
            `with fewer than ${storm.min_healthy} well nothing for ${writeDuration(storm.cooldown_ms)}, over the ${storm.over}`,
          ] satisfies [string, string],
        ]
      : []),
  ];
}

/** What holds it back at this moment, beside pauses and budgets. */
function nowLines(now: TriggerShown["trigger"]["now"]): [string, string][] {
  const { envelope } = now;
  const held = [
    ...until("its own maintenance", now.maintenance_until),
    ...until("its quiet hours", now.quiet_until),
    ...until("a storm", now.storm_until),
    ...(now.is_asked ? ["a question about it waits for a person"] : []),
    ...(now.is_left_to_person ? ["a person decided last, and decides on the next"] : []),
    ...(now.lacks === null ? [] : [`no token: ${now.lacks}`]),
    ...(envelope !== null && envelope.stage === null ? ["no envelope lists what it would do"] : []),
    ...(envelope?.stage && !envelope.is_on ? [`the envelope ${envelope.probe} is off`] : []),
    ...(envelope?.stage && envelope.stage !== "auto" ? [`the envelope ${envelope.probe} is at ${envelope.stage}`] : []),
  ];
  return held.map((words) => ["Held by", words]);
}

const until = (what: string, at: number | null): string[] => (at === null ? [] : [`${what}, until ${exact(at)} UTC`]);

function provenWords({ last_proven: proven, version }: TriggerShown["trigger"], now: number): string {
  if (proven === null) return "never";
  const when = `last on ${exact(proven.at)} UTC, ${relative(proven.at, now)}`;
  return proven.version === version ? when : `${when}, as version ${proven.version}; changed since`;
}

export async function pauseTrigger(common: Common, typed: string, options: OfProject & PauseOptions): Promise<void> {
  if (options.reason === undefined)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "Why? A pause needs --reason.",
      hint: `Such as: ${commandLine(common, `triggers pause ${typed} --reason deploy`)}`,
    });
  const { project, trigger } = await findTrigger(common, typed, options.project);
  return pause(common, project, { ...options, trigger });
}

export async function resumeTrigger(
  common: Common,
  typed: string,
  options: OfProject & Pick<PauseOptions, "reason">,
): Promise<void> {
  const { project, trigger } = await findTrigger(common, typed, options.project);
  return resume(common, project, { ...options, trigger });
}
