import {
  readDuration,
  writeDuration,
  PrunellaError,
  type HeartbeatDetail,
  type HeartbeatState,
} from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { table } from "../terminal/table.ts";
import { plain } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";
import { paintStatus, stripText, toldChanges } from "./watch-words.ts";

interface OfProject {
  readonly project?: string;
}

export async function heartbeats(common: Common, { project }: OfProject): Promise<void> {
  const page = await connect(common)("list_heartbeats", project === undefined ? {} : { project });
  if (common.json) return printJson(page);
  if (page.heartbeats.length === 0)
    return print(
      `There are no heartbeats. One for a job that runs each night: ${commandLine(common, 'heartbeats add nightly --cron "0 3 * * *"')}`,
    );
  const now = Date.now();
  print(
    table(
      [
        { title: "HEARTBEAT" },
        { title: "STATE" },
        { title: "HEARD" },
        { title: "DUE" },
        { title: "SCHEDULE" },
        { title: "LAST 24 H" },
        { title: "WHAT IS KNOWN", fills: true },
      ],
      page.heartbeats.map((one) => [
        plain(one.name),
        one.status,
        one.heard_at === null ? "never" : relative(one.heard_at, now),
        one.next_due === null ? "" : relative(one.next_due, now),
        scheduleOf(one),
        stripText(one.strip),
        plain(one.detail),
      ]),
      (cell, column) => (column === 1 ? paintStatus(cell) : cell),
    ),
  );
}

const scheduleOf = (one: HeartbeatState): string =>
  one.every_ms === null ? `${one.cron ?? ""} ${one.time_zone}` : `every ${writeDuration(one.every_ms)}`;

export async function showHeartbeat(common: Common, name: string, { project }: OfProject): Promise<void> {
  const answer = await connect(common)("show_heartbeat", { project: project ?? "default", name });
  if (common.json) return printJson(answer);
  print(told(answer.heartbeat));
}

function told(one: HeartbeatDetail): string {
  const now = Date.now();
  return [
    `${plain(one.name)}: ${paintStatus(one.status)} since ${relative(one.since, now)}. ${plain(one.detail)}`,
    `${scheduleOf(one)}, grace ${writeDuration(one.grace_ms)}, speaks for ${plain(one.target)}, ${one.has_key ? "has a key" : "has no key"}`,
    `heard ${one.heard_at === null ? "never" : relative(one.heard_at, now)}${one.started_at === null ? "" : `, began ${relative(one.started_at, now)}`}${one.took_ms === null ? "" : `, took ${writeDuration(one.took_ms)}`}`,
    `last 24 h  ${stripText(one.strip)}`,
    ...toldChanges(one.changes, now),
    ...(one.said === "" ? [] : ["It said:", plain(one.said)]),
  ].join("\n");
}

export interface AddOptions extends OfProject {
  readonly every?: string;
  readonly cron?: string;
  readonly zone: string;
  readonly grace: string;
  readonly maxRuntime?: string;
  readonly target?: string;
}

export async function addHeartbeat(common: Common, name: string, options: AddOptions): Promise<void> {
  const answer = await connect(common)("add_heartbeat", {
    project: options.project ?? "default",
    name,
    every_ms: given("--every", options.every),
    cron: options.cron ?? null,
    time_zone: options.zone,
    grace_ms: given("--grace", options.grace) ?? 0,
    max_runtime_ms: given("--max-runtime", options.maxRuntime),
    target: options.target ?? null,
  });
  toldKey(common, answer);
}

export async function rotateHeartbeat(common: Common, name: string, { project }: OfProject): Promise<void> {
  toldKey(common, await connect(common)("rotate_heartbeat", { project: project ?? "default", name }));
}

export async function removeHeartbeat(common: Common, name: string, { project }: OfProject): Promise<void> {
  await connect(common)("remove_heartbeat", { project: project ?? "default", name });
  if (common.json) return printJson({ removed: name });
  print(`${plain(name)} is gone. Whoever still says that it lives is answered 404.`);
}

function toldKey(common: Common, answer: { key: string; url: string; heartbeat: HeartbeatDetail }): void {
  if (common.json) return printJson(answer);
  print(`The key of ${plain(answer.heartbeat.name)}, shown this once:\n\n  ${answer.key}\n`);
  print(
    `At the end of the job:\n\n  curl -fsS -m 10 --retry 3 -H "Authorization: Bearer ${answer.key}" ${answer.url}\n`,
  );
  print(`Also ${answer.url}/start when it begins, /fail when it fails, /$? with its exit code.`);
}

function given(option: string, typed: string | undefined): number | null {
  if (typed === undefined) return null;
  const ms = readDuration(typed);
  if (ms !== null) return ms;
  throw new PrunellaError("PRUNELLA_USAGE", {
    detail: `${option} takes a duration such as 10m or 1d 12h, not ${typed}.`,
  });
}
