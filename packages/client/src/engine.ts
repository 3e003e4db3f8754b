import type { ChildProcess } from "node:child_process";
import { isatty } from "node:tty";
import { writeSync } from "node:fs";
import { mayReport, type Situation } from "./consent.ts";
import { discloseOnce } from "./disclosure.ts";
import { homeOf } from "./places.ts";
import type { Program } from "./program.ts";
import { recordProgram } from "./program-record.ts";
import { originOf } from "./remote.ts";
import type { Crash, Machine } from "./report.ts";
import type { Reporter } from "./reporter.ts";
import { keepNote, keepReport, pendingReports } from "./reports.ts";
import { startSender } from "./start-sender.ts";

export { functionNames } from "./function-names.ts";

/** Reports of one process; a program that fails in a circle says nothing new. */
const MAX_PER_PROCESS = 20;
/** Stands among the fingerprints for "a note was kept". */
const NOTE = "note";
/** What `flush` takes at most: 100 ms less what a timer may be late. */
const FLUSH_MS = 90;

export interface Engine {
  /** Keeps a report, and has it sent when that is allowed. Synchronous, because the process may be about to end. Throws never. */
  readonly record: (crash: Crash) => void;
  /** Shows what is sent, once, on a terminal. Returns whether it was shown now. */
  readonly disclose: () => boolean;
  /** Has what is pending sent, and waits for it for at most 100 ms; what takes longer goes on without this process. `since`: when it was called (`performance.now()`). */
  readonly flush: (since?: number) => Promise<void>;
}

export interface EngineParts {
  /** Where the sender's file lies, with its extension; null: whoever opened the engine sends. */
  readonly sender: { readonly folder: string; readonly extension: string } | null;
  /** The scrubber's tables are most of what there is to load, so that is done when there is something to report. */
  readonly loadReporter: () => Reporter;
  /** Default: whether stderr is one. */
  readonly terminal?: boolean;
}

/** Everything that is not needed while all is well. Loaded at the first crash, not at start-up. */
export function openEngine(program: Program, { sender, loadReporter, terminal }: EngineParts): Engine {
  const seen = new Set<string>();
  /** Reports of the run in which it was first shown wait for the next, so that there is time to say no. */
  let shown = false;
  const situation = (): Situation => ({ env: process.env, terminal: terminal ?? isatty(2), asked: false });

  function record(crash: Crash): void {
    const now = situation();
    if (seen.size >= MAX_PER_PROCESS || !mayReport("keep", program, now).allowed) return;
    const home = homeOf(program, now.env);
    recordProgram(program, now.env);
    let report;
    try {
      report = loadReporter()(crash, machine(program));
    } catch {
      // One says it: a program that lives on and fails again must not fill the folder with them.
      if (!seen.has(NOTE)) keepNote(home, crash.at);
      seen.add(NOTE);
      return;
    }
    // The same crash again in the same life of the process is no news.
    if (seen.has(report.fingerprint)) return;
    seen.add(report.fingerprint);
    keepReport(home, report, crash.at);
    if (send(now) === null) disclose(now);
  }

  function disclose(now: Situation): boolean {
    const shownNow = isatty(2) && discloseOnce(program, now, showOnTerminal);
    shown ||= shownNow;
    return shownNow;
  }

  /** Never in this process: a slow name server would hold up its end, and no timeout of ours could change that. */
  function send(now: Situation): ChildProcess | null {
    if (shown || sender === null || !mayReport("send", program, now).allowed) return null;
    if (pendingReports(homeOf(program, now.env)).length === 0) return null;
    return startSender(program, now.env, sender.folder, sender.extension);
  }

  return {
    record: (crash) => quietly(() => record(crash)),
    disclose: () => {
      let shownNow = false;
      quietly(() => (shownNow = disclose(situation())));
      return shownNow;
    },
    flush: async (since = performance.now()) => {
      let child: ChildProcess | null = null;
      quietly(() => (child = send(situation())));
      await ended(child, FLUSH_MS - (performance.now() - since));
    },
  };
}

/** Resolves when it has ended or failed to start, and after `waitMs` at the latest. */
function ended(child: ChildProcess | null, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (child === null) return resolve();
    // Held on purpose: without it a process that waits for nothing else would end in the middle.
    const timer = setTimeout(resolve, Math.max(0, waitMs));
    for (const event of ["exit", "error"])
      child.once(event, () => {
        clearTimeout(timer);
        resolve();
      });
  });
}

function machine(program: Program): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    node: process.versions.node,
    bun: process.versions["bun"],
    appVersion: program.version,
    remote: program.remote ?? remoteHere(),
  };
}

/** Null where the working folder is gone or cannot be read, too: that is no reason to lose the report. */
function remoteHere(): string | null {
  try {
    return originOf(process.cwd());
  } catch {
    return null;
  }
}

/** Past the host's own streams, and complete before the process ends. */
function showOnTerminal(text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(2, bytes, at);
}

/** Whatever goes wrong in here must never be seen by the host. */
function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // Nothing was kept; there is nobody to tell.
  }
}
