import { readFileSync } from "node:fs";
import { PrunellaError } from "@prunella/contract";
import * as client from "../crash-client.ts";
import { environment } from "../environment.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { pageOf, printMore, type Paging } from "../paging.ts";
import { print, printJson } from "../print.ts";
import { table } from "../terminal/table.ts";
import { dim, plain } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";

export interface WhichProgram {
  /** Of this program only. */
  readonly app?: string;
  /** Folder of a program that keeps its reports elsewhere. */
  readonly home?: string;
}

interface Kept {
  readonly program: client.Program;
  readonly kept: client.KeptReport;
}

/** What was captured on this machine, newest first. */
export function listCrashes(common: Common, which: WhichProgram & Paging): void {
  const every = everyReport(which);
  const { rows: all, next } = pageOf(every, ({ kept }) => kept.id, which);
  if (common.json)
    return printJson({
      crashes: all.map(({ program, kept }) => ({
        id: kept.id,
        app: program.app,
        sent: kept.outcome === "sent",
        rejected: kept.outcome === "rejected",
        path: kept.path,
        report: kept.report,
      })),
      next,
    });
  const notes = programsOf(which).reduce((sum, program) => sum + client.countNotes(homeOf(program)), 0);
  if (all.length === 0) print("No crash was captured on this machine.");
  else {
    const now = Date.now();
    print(
      table(
        [{ title: "ID" }, { title: "PROGRAM" }, { title: "WHEN" }, { title: "WHAT", fills: true }, { title: "SENT" }],
        all.map(({ program, kept }) => [
          shortest(kept.id, every),
          program.app,
          relative(Date.parse(kept.report.captured_at), now),
          `${kept.report.error_class}${kept.report.stack_signature[0] === undefined ? "" : ` in ${plain(kept.report.stack_signature[0])}`}`,
          kept.outcome === "sent" ? "yes" : kept.outcome === "rejected" ? "refused" : "no",
        ]),
      ),
    );
    printMore(common, `crash list --limit ${which.limit}`, next);
    const [newest] = all;
    if (newest !== undefined)
      print(
        dim(
          `What is or would be sent, byte for byte: ${commandLine(common, `crash show ${shortest(newest.kept.id, every)}`)}`,
        ),
      );
  }
  if (notes > 0) print(`${notes} more could not be made safe: there is a note of the moment, and no report.`);
}

/** The file itself: byte for byte what is sent. */
export function showCrash(id: string, which: WhichProgram): void {
  process.stdout.write(readFileSync(find(id, which).kept.path));
}

/** Sends one report, or all that wait. Where nothing can be sent, says why and how to do it by hand. */
export async function submitCrash(common: Common, id: string | undefined, which: WhichProgram): Promise<void> {
  const chosen =
    id === undefined
      ? everyReport(which)
          .filter(({ kept }) => kept.outcome === null)
          .reverse()
      : [find(id, which)];
  if (chosen.length === 0) return common.json ? printJson({ results: [] }) : print("No report waits.");
  const results: { id: string; app: string; result: string; detail: string | null; issue_url: string | null }[] = [];
  for (const { program, kept } of chosen) {
    const situation = situationNow(true);
    if (client.discloseOnce(program, situation, toTerminal)) {
      // Whoever reads it for the first time decides after reading.
      results.push({
        id: kept.id,
        app: program.app,
        result: "not_sent",
        detail: "what would be sent was shown just now; run the command again to send it",
        issue_url: null,
      });
      continue;
    }
    const sent = await client.sendReport(kept, program, situation);
    if (sent.kind === "sent" || sent.kind === "rejected") client.markOutcome(homeOf(program), kept.id, sent.kind);
    const detail =
      sent.kind === "refused"
        ? client.REASONS[sent.reason]
        : sent.kind === "rejected"
          ? `the server answered ${sent.status}`
          : sent.kind === "failed"
            ? "the server does not answer"
            : null;
    results.push({
      id: kept.id,
      app: program.app,
      result: sent.kind === "sent" ? "sent" : "not_sent",
      detail,
      issue_url: sent.kind === "sent" ? null : client.issueUrl(program.issuesUrl, kept),
    });
  }
  if (results.some(({ result }) => result !== "sent")) process.exitCode = 1;
  if (common.json) return printJson({ results });
  for (const { id: one, app, result, detail, issue_url: url } of results) {
    print(
      result === "sent"
        ? `Sent ${one.slice(0, 8)} of ${app}.`
        : `Not sent: ${one.slice(0, 8)} of ${app}, because ${detail ?? ""}.`,
    );
    if (url !== null) print(`By hand, after reading it: open\n  ${url}`);
    else if (result !== "sent") print(dim(`The report is at ${find(one, which).kept.path}`));
  }
}

/** Deletes reports on this machine. What was sent is deleted by `prunella erase` on the server. */
export function forgetCrash(
  common: Common,
  id: string | undefined,
  options: WhichProgram & { readonly all?: boolean },
): void {
  if ((id === undefined) === (options.all !== true)) {
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "Name one report, or say --all.",
      hint: "See `prunella crash list`.",
    });
  }
  let count = 1;
  if (id === undefined)
    count = programsOf(options).reduce((sum, program) => sum + client.forgetAll(homeOf(program)), 0);
  else {
    const { program, kept } = find(id, options);
    client.forgetReport(homeOf(program), kept.id);
  }
  if (common.json) return printJson({ forgotten: count });
  print(`Forgot ${count} ${count === 1 ? "report" : "reports"}.`);
}

export interface CaptureOptions {
  readonly app: string;
  readonly exitCode?: string;
  readonly class?: string;
  readonly function?: readonly string[];
  readonly phase?: string;
  readonly terminal?: boolean;
  readonly friction?: string;
  readonly key?: string;
  readonly ok?: boolean;
  readonly later?: boolean;
}

/** For hooks and programs in other languages: says nothing, never fails, and waits for no server. */
export function captureCrash(options: CaptureOptions): void {
  const program =
    client.recordedPrograms(environment.everything()).find(({ app }) => app === options.app) ??
    client.toProgram({ app: options.app });
  if (program === null) return;
  try {
    const terminal = options.terminal === true || process.stderr.isTTY === true;
    const situation = { ...situationNow(false), terminal };
    const friction = options.friction;
    const code = Number.parseInt(options.exitCode ?? "", 10);
    let kind: Parameters<typeof client.noteFrictionInFile>[2] | null = null;
    if (friction !== undefined) {
      if (!client.isFrictionKind(friction)) return;
      if (options.ok === true) return client.clearFrictionInFile(program, situation, options.key ?? "");
      if (!client.noteFrictionInFile(program, situation, friction, options.key ?? "", Date.now())) return;
      kind = friction;
    }
    const engine = client.openEngine(program, {
      sender: options.later === true ? null : client.SENDER,
      loadReporter: () => client.reporter,
      terminal,
    });
    engine.record({
      errorClass:
        options.class ?? (kind === null ? `ExitCode:${Number.isNaN(code) ? "unknown" : code}` : `Friction:${kind}`),
      functions: options.function ?? [],
      exitCode: Number.isNaN(code) ? null : code,
      phase: options.phase ?? null,
      friction: kind,
      at: Date.now(),
    });
  } catch {
    // The script that called must not notice.
  }
}

/** Every program that captured something here, and the one that `which` names. */
export function programsOf(which: WhichProgram): client.Program[] {
  const recorded = client.recordedPrograms(environment.everything());
  if (which.app === undefined && which.home === undefined) return recorded;
  const app = which.app ?? "program";
  const known = recorded.filter(
    (program) =>
      (which.app === undefined || program.app === app) && (which.home === undefined || homeOf(program) === which.home),
  );
  if (known.length > 0) return known;
  const named = client.toProgram({ app, ...(which.home === undefined ? {} : { home: which.home }) });
  if (named === null) throw new PrunellaError("PRUNELLA_USAGE", { detail: `${plain(app)} is no name of a program.` });
  return [named];
}

export const situationNow = (asked: boolean): client.Situation => ({
  env: environment.everything(),
  terminal: process.stderr.isTTY === true,
  asked,
});

export const toTerminal = (text: string): void => void process.stderr.write(text);

const homeOf = (program: client.Program): string => client.homeOf(program, environment.everything());

function everyReport(which: WhichProgram): Kept[] {
  return programsOf(which)
    .flatMap((program) => client.listReports(homeOf(program)).map((kept) => ({ program, kept })))
    .sort(
      (a, b) =>
        b.kept.report.captured_at.localeCompare(a.kept.report.captured_at) ||
        b.kept.id.slice(65).localeCompare(a.kept.id.slice(65)),
    );
}

function find(id: string, which: WhichProgram): Kept {
  const found: Kept[] = [];
  for (const program of programsOf(which)) {
    const answer = client.findReport(homeOf(program), id);
    if (answer.kind === "refused")
      throw new PrunellaError("PRUNELLA_USAGE", {
        detail: "That is no id of a report.",
        hint: "Ids are what `prunella crash list` shows: digits and a to f.",
      });
    if (answer.kind === "several") throw several();
    if (answer.kind === "found") found.push({ program, kept: answer.report });
  }
  const [only, ...others] = found;
  if (others.length > 0) throw several();
  if (only === undefined)
    throw new PrunellaError("PRUNELLA_NOT_FOUND", {
      detail: "No report on this machine has this id.",
      hint: "See `prunella crash list`.",
    });
  return only;
}

const several = () =>
  new PrunellaError("PRUNELLA_AMBIGUOUS", { hint: "Give more of it; `prunella crash list` shows enough of each." });

/** 8 digits when they are enough; the time behind them when one crash came more than once. */
function shortest(id: string, all: readonly Kept[]): string {
  const short = id.slice(0, 8);
  return all.some(({ kept }) => kept.id !== id && kept.id.startsWith(short)) ? `${short}${id.slice(64)}` : short;
}
