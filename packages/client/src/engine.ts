import { isatty } from "node:tty";
import { writeSync } from "node:fs";
import { RULES_VERSION, scrubText } from "@prunella/scrub";
import { mayReport, type Situation } from "./consent.ts";
import { discloseOnce } from "./disclosure.ts";
import { homeOf } from "./places.ts";
import type { Program } from "./program.ts";
import { recordProgram } from "./program-record.ts";
import { originOf } from "./remote.ts";
import { type Crash, createReport, type Scrubber } from "./report.ts";
import { keepNote, keepReport } from "./reports.ts";
import { sendPending } from "./outbox.ts";
import { startSender } from "./start-sender.ts";

export { functionNames } from "./fingerprint.ts";

/** Reports of one process; a program that fails in a circle says nothing new. */
const MAX_PER_PROCESS = 20;
/** What `flush` takes at most. */
const FLUSH_MS = 100;

export interface Engine {
  /** Keeps a report, and has it sent when that is allowed. Synchronous, because the process may be about to end. Throws never. */
  readonly record: (crash: Crash) => void;
  /** Shows what is sent, once, on a terminal. Returns whether it was shown now. */
  readonly disclose: () => boolean;
  /** Sends what is pending, for at most 100 ms. */
  readonly flush: () => Promise<void>;
}

const SCRUBBER: Scrubber = {
  version: RULES_VERSION,
  scrub: (text) => {
    const { text: safe, redactions } = scrubText(text);
    return { text: safe.value, redactions: redactions.length };
  },
};

export interface EngineParts {
  /** Where the sender's file lies, with its extension; null: whoever opened the engine sends by `flush`. */
  readonly sender: { readonly folder: string; readonly extension: string } | null;
  readonly scrubber?: Scrubber;
  /** Default: whether stderr is one. */
  readonly terminal?: boolean;
}

/** Everything heavy. Loaded at the first crash, not at start-up. */
export function openEngine(program: Program, { sender, scrubber = SCRUBBER, terminal }: EngineParts): Engine {
  const seen = new Set<string>();
  const situation = (): Situation => ({ env: process.env, terminal: terminal ?? isatty(2), asked: false });

  function record(crash: Crash): void {
    const now = situation();
    if (seen.size >= MAX_PER_PROCESS || !mayReport("keep", program, now).allowed) return;
    const home = homeOf(program, now.env);
    recordProgram(program, now.env);
    let report;
    try {
      report = createReport(crash, machine(program), scrubber);
    } catch {
      keepNote(home, crash.at);
      return;
    }
    // The same crash again in the same life of the process is no news.
    if (seen.has(report.fingerprint)) return;
    seen.add(report.fingerprint);
    keepReport(home, report, crash.at);
    // Asked before the disclosure: a report of the run in which it was first shown waits, so that there is time to say no.
    const mayNow = mayReport("send", program, now).allowed;
    if (mayNow && sender !== null) startSender(program, now.env, sender.folder, sender.extension);
    else if (!mayNow && isatty(2)) discloseOnce(program, now, showOnTerminal);
  }

  return {
    record: (crash) => quietly(() => record(crash)),
    disclose: () => {
      let shown = false;
      quietly(() => (shown = isatty(2) && discloseOnce(program, situation(), showOnTerminal)));
      return shown;
    },
    flush: async () => {
      const stop = new AbortController();
      // Held on purpose: without it a process that waits for nothing else would end in the middle.
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          stop.abort();
          resolve();
        }, FLUSH_MS);
      });
      await Promise.race([sendPending(program, situation(), Date.now(), stop.signal).catch(() => 0), late]);
      clearTimeout(timer);
      stop.abort();
    },
  };
}

function machine(program: Program) {
  return {
    platform: process.platform,
    arch: process.arch,
    node: process.versions.node,
    bun: process.versions["bun"],
    appVersion: program.version,
    remote: program.remote ?? originOf(process.cwd()),
  };
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
