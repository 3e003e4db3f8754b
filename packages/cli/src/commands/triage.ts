import { PrunellaError, type Fault, type Triage } from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { wholeNumber } from "../numbers.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { plain } from "../terminal/text.ts";
import { exact, parseDuration } from "../terminal/time.ts";

export interface TriageOptions {
  readonly inNextRelease?: true;
  readonly for?: string;
  readonly until?: string;
  readonly events?: string;
  readonly nobody?: true;
}

export const TRIAGE_ACTIONS = ["resolve", "mute", "snooze", "reopen", "assign", "note", "undo"] as const;
type Action = (typeof TRIAGE_ACTIONS)[number];

/** Says something about a fault, and how to take it back. */
export async function triage(
  common: Common,
  id: string,
  typed: string,
  words: readonly string[],
  options: TriageOptions,
): Promise<void> {
  const action = TRIAGE_ACTIONS.find((each) => each === typed);
  if (action === undefined) throw usage(`A fault takes one of: ${TRIAGE_ACTIONS.join(", ")}; not ${typed}.`);
  if (words.length > 0 && action !== "assign" && action !== "note") throw usage(`${action} takes no words behind it.`);
  const call = connect(common);
  if (action === "undo") {
    const detail = await call("get_fault", { id });
    const last = detail.changes.find((change) => change.undone_at === null);
    if (last === undefined)
      throw new PrunellaError("PRUNELLA_CONFLICT", { detail: "Nothing was said about this fault that still holds." });
    const { results } = await call("undo_triage", { changes: [last.id] });
    const [result] = results;
    if (result?.fault == null)
      throw new PrunellaError("PRUNELLA_CONFLICT", { detail: result?.error?.message ?? "It could not be taken back." });
    if (common.json) return printJson(result);
    return print(`Taken back: ${last.action}. ${told(result.fault)}`);
  }
  const { results } = await call("triage_faults", {
    ids: [(await call("get_fault", { id })).fault.id],
    triage: said(action, words, options),
  });
  const [result] = results;
  if (result?.fault == null || result.error !== null)
    throw new PrunellaError("PRUNELLA_CONFLICT", { detail: result?.error?.message ?? "It was not done." });
  if (common.json) return printJson({ fault: result.fault, change: result.change });
  print(`${told(result.fault)}\nUndo: ${commandLine(common, `fault ${shortId(result.fault.id)} undo`)}`);
}

function said(action: Exclude<Action, "undo">, words: readonly string[], options: TriageOptions): Triage {
  const text = words.join(" ").trim();
  switch (action) {
    case "resolve":
      return { action, in_next_release: options.inNextRelease === true };
    case "snooze":
      return { action, ...snooze(options) };
    case "assign":
      if ((text === "") !== (options.nobody === true)) throw usage("Say whom, or --nobody.");
      return { action, assignee: text === "" ? null : text };
    case "note":
      if (text === "") throw usage("Say what is to be noted.");
      return { action, text };
    default:
      return { action };
  }
}

function snooze(options: TriageOptions): { until?: number; events?: number } {
  const given = { for: options.for, until: options.until, events: options.events };
  if (given.for !== undefined && given.until !== undefined) throw usage("Give --for or --until, not both.");
  const until = given.for === undefined ? moment(given.until) : after(given.for);
  const events = given.events === undefined ? undefined : wholeNumber("--events", given.events, 1, 1_000_000_000);
  if (until === undefined && events === undefined)
    throw usage("Say until when: --for 2h, --until 2026-12-01T08:00Z, --events 100, or a time and a number.");
  return { ...(until === undefined ? {} : { until }), ...(events === undefined ? {} : { events }) };
}

function after(text: string): number {
  const length = parseDuration(text);
  if (length === null) throw usage(`--for ${text} is not a duration such as 30m, 2h or 7d.`);
  return Date.now() + length;
}

function moment(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  // Without a zone it would mean another moment on every machine.
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw usage(`--until ${text} is not a moment such as 2026-12-01T08:00Z or 2026-12-01T09:00+01:00.`);
  return at;
}

function told(fault: Fault): string {
  const whose = fault.assignee === null ? "" : `, looked after by ${plain(fault.assignee)}`;
  return `${shortId(fault.id)} is ${standing(fault)}${whose}: ${plain(fault.title)}`;
}

/** "resolved in the next release", "muted until 2026-12-01 08:00:00 UTC or 4 more events". */
export function standing(fault: Fault): string {
  if (fault.status === "resolved" && fault.resolved_in_next_release) return "resolved in the next release";
  const ends = [
    fault.snoozed_until === null ? null : `${exact(fault.snoozed_until)} UTC`,
    fault.snoozed_count === null ? null : `${Math.max(1, fault.snoozed_count - fault.count)} more events`,
  ].filter((each) => each !== null);
  return ends.length === 0 ? fault.status : `${fault.status} until ${ends.join(" or ")}`;
}

const usage = (detail: string): PrunellaError =>
  new PrunellaError("PRUNELLA_USAGE", { detail, hint: "See `prunella fault --help`." });
