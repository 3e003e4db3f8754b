import { PrunellaError, shownTarget, type ActionWindow, type Pause } from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { durationOf, durationWords } from "../duration.ts";
import { wholeNumber } from "../numbers.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { table } from "../terminal/table.ts";
import { plain } from "../terminal/text.ts";
import { exact, relative } from "../terminal/time.ts";

export interface PauseOptions {
  readonly reason?: string;
  readonly trigger?: string;
  readonly for?: string;
  readonly list?: boolean;
}

export async function pause(common: Common, project: string | undefined, options: PauseOptions): Promise<void> {
  if (options.list) return listPauses(common, project);
  if (project === undefined || options.reason === undefined)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: project === undefined ? "Which project is to be paused?" : "Why? A pause needs --reason.",
      hint: `Such as: ${commandLine(common, `pause ${project ?? "default"} --reason deploy`)}. What stands now: ${commandLine(common, "pause --list")}`,
    });
  const until = options.for === undefined ? null : Date.now() + durationOf("--for", options.for);
  const { pause: added } = await connect(common)("pause", {
    project,
    trigger: options.trigger ?? null,
    reason: options.reason,
    until,
  });
  if (common.json) return printJson(added);
  print(
    `${whatOf(added)} stands still: ${plain(added.reason)}${added.until === null ? "" : `, until ${exact(added.until)} UTC`}. What runs may finish. Undo: ${commandLine(common, `resume ${shortId(added.id)}`)}`,
  );
}

async function listPauses(common: Common, project: string | undefined): Promise<void> {
  const { pauses } = await connect(common)("list_pauses", project === undefined ? {} : { project });
  if (common.json) return printJson({ pauses });
  if (pauses.length === 0) return print("Nothing is paused.");
  const now = Date.now();
  print(
    table(
      [
        { title: "ID" },
        { title: "PROJECT" },
        { title: "TRIGGER" },
        { title: "SINCE" },
        { title: "UNTIL" },
        { title: "OWNER" },
        { title: "REASON", fills: true },
      ],
      pauses.map((each) => [
        shortId(each.id),
        each.project_id,
        each.trigger_id ?? "all",
        relative(each.since, now),
        each.until === null ? "open" : relative(each.until, now),
        each.owner.id ?? each.owner.kind,
        plain(each.reason),
      ]),
    ),
  );
}

export async function resume(
  common: Common,
  typed: string,
  options: Pick<PauseOptions, "reason" | "trigger">,
): Promise<void> {
  const ask = connect(common);
  const { pauses } = await ask("list_pauses", {});
  const meant = pauses.filter(
    (each) =>
      (each.project_id === typed || each.reason === typed) &&
      (options.reason === undefined || each.reason === options.reason) &&
      (options.trigger === undefined || each.trigger_id === options.trigger),
  );
  if (meant.length > 1)
    throw new PrunellaError("PRUNELLA_AMBIGUOUS", {
      detail: `${plain(typed)} means ${meant.length} pauses: ${meant.map((each) => `"${plain(each.reason)}"`).join(", ")}.`,
      hint: `Name one: ${commandLine(common, `resume ${shortId(meant[0]?.id ?? "")}`)}`,
    });
  const { pause: lifted } = await ask("lift_pause", { id: meant[0]?.id ?? typed });
  if (common.json) return printJson(lifted);
  const left = pauses.filter((each) => each.project_id === lifted.project_id && each.id !== lifted.id);
  print(
    `Lifted: ${plain(lifted.reason)}. ${left.length === 0 ? `${whatOf(lifted)} acts again, and what was held back is judged again.` : `${left.length} other ${left.length === 1 ? "pause stands" : "pauses stand"} in ${lifted.project_id}.`}`,
  );
}

const whatOf = (each: Pause): string =>
  each.trigger_id === null ? `The project ${each.project_id}` : `The trigger ${each.trigger_id}`;

export async function listMaintenance(common: Common): Promise<void> {
  const { windows } = await connect(common)("list_maintenance", {});
  if (common.json) return printJson({ windows });
  if (windows.length === 0)
    return print(`No maintenance is planned. Add a window: ${commandLine(common, "maintenance add --help")}`);
  const now = Date.now();
  print(
    table(
      [
        { title: "ID" },
        { title: "PROJECT" },
        { title: "TARGET" },
        { title: "OPEN" },
        { title: "WINDOW" },
        { title: "OWNER" },
        { title: "REASON", fills: true },
      ],
      windows.map((each) => [
        shortId(each.id),
        each.project_id ?? "all",
        each.target === null ? "all" : plain(shownTarget(each.target)),
        each.open_until === null ? "no" : `until ${relative(each.open_until, now)}`,
        windowWords(each.window),
        each.owner.kind === "system" ? "prunella.yaml" : (each.owner.id ?? each.owner.kind),
        plain(each.reason),
      ]),
    ),
  );
}

export interface MaintenanceOptions {
  readonly reason: string;
  readonly project?: string;
  readonly target?: string;
  readonly for?: string;
  readonly cron?: string;
  readonly from?: string;
  readonly to?: string;
  readonly zone: string;
}

export async function addMaintenance(common: Common, options: MaintenanceOptions): Promise<void> {
  const { project, target, reason } = options;
  const { window } = await connect(common)("add_maintenance", {
    ...(project === undefined ? {} : { project }),
    target: target ?? null,
    window: windowOf(options),
    reason,
  });
  if (common.json) return printJson(window);
  print(
    `${window.target === null ? "Everything" : plain(shownTarget(window.target))} is ${window.open_until === null ? "going to be " : ""}under maintenance: ${windowWords(window.window)}. Undo: ${commandLine(common, `maintenance end ${shortId(window.id)}`)}`,
  );
}

function windowOf({ cron, from, to, zone, for: lasts }: MaintenanceOptions): ActionWindow {
  if (cron !== undefined && lasts !== undefined) return { cron, lasts_ms: durationOf("--for", lasts), zone };
  if (from !== undefined && to !== undefined) return /^\d\d:\d\d$/.test(from) ? { from, to, zone } : { from, to };
  if (cron === undefined && from === undefined && lasts !== undefined) {
    const now = Date.now();
    return { from: new Date(now).toISOString(), to: new Date(now + durationOf("--for", lasts)).toISOString() };
  }
  throw new PrunellaError("PRUNELLA_USAGE", {
    detail: "When? A window is --for alone (from now), --cron with --for, or --from with --to.",
    hint: "See `prunella maintenance add --help`.",
  });
}

export function windowWords(window: ActionWindow): string {
  if ("cron" in window) return `${window.cron} for ${durationWords(window.lasts_ms)} (${window.zone})`;
  if ("zone" in window) return `each day ${window.from} to ${window.to} (${window.zone})`;
  return `${exact(Date.parse(window.from))} to ${exact(Date.parse(window.to))} UTC`;
}

export async function endMaintenance(common: Common, id: string): Promise<void> {
  const { window } = await connect(common)("end_maintenance", { id });
  if (common.json) return printJson(window);
  print(`Ended: ${plain(window.reason)}. What was held back by it is judged again.`);
}

export async function override(
  common: Common,
  trigger: string,
  options: { readonly project: string; readonly extra: string; readonly for: string; readonly reason: string },
): Promise<void> {
  const { override: added } = await connect(common)("override_budget", {
    project: options.project,
    trigger,
    extra: wholeNumber("--extra", options.extra, 1, 10),
    for_ms: durationOf("--for", options.for),
    reason: options.reason,
  });
  if (common.json) return printJson(added);
  print(
    `${trigger} may try ${added.extra} more ${added.extra === 1 ? "time" : "times"} until ${exact(added.expires_at)} UTC. Ledger entry ${added.audit_log_id} says who allowed it.`,
  );
}
