import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Situation } from "./consent.ts";
import { createOnce, readObject, writeWhole } from "./files.ts";
import { homeOf } from "./places.ts";
import type { Program } from "./program.ts";
import { markOutcome, pendingReports } from "./reports.ts";
import { sendReport } from "./send.ts";

/** First wait after a failure (ms); it doubles with each more, up to a day. */
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 86_400_000;
/** Reports that one run of the outbox sends at most. */
const MAX_AT_ONCE = 20;
/** After this a lock belongs to a process that is no more (ms): longer than one run can take. */
const STALE_LOCK_MS = 300_000;

/**
 * Sends what is pending, one after the other; each one asks anew whether it may. The first failure
 * ends it, and the next try waits. Returns how many went out.
 */
export async function sendPending(program: Program, situation: Situation, now: number): Promise<number> {
  const home = homeOf(program, situation.env);
  const { failures, retryAt } = readState(home);
  // A clock that was set back must not hold it up for ever.
  if (now < retryAt && retryAt - now <= LONGEST_WAIT_MS) return 0;
  if (pendingReports(home).length === 0 || !lock(home, now)) return 0;
  let sent = 0;
  const tried = new Set<string>();
  try {
    while (tried.size < MAX_AT_ONCE) {
      // Listed under the lock and anew each time: what another process sent until now is marked by now,
      // and what another kept meanwhile has no sender but this one.
      const report = pendingReports(home).find(({ id }) => !tried.has(id));
      if (report === undefined) break;
      tried.add(report.id);
      const { kind } = await sendReport(report, program, situation);
      if (kind === "refused") break;
      if (kind === "failed") {
        writeState(home, failures + 1, now + waitAfter(failures + 1));
        break;
      }
      markOutcome(home, report.id, kind);
      if (kind === "sent") sent++;
    }
    if (sent > 0 && failures > 0) writeState(home, 0, 0);
  } finally {
    rmSync(lockOf(home), { force: true });
  }
  return sent;
}

/** Milliseconds to wait after the n-th failure in a row. */
export const waitAfter = (failures: number): number =>
  Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 20), LONGEST_WAIT_MS);

const stateFile = (home: string): string => join(home, "outbox.json");
const lockOf = (home: string): string => join(home, "sending.lock");

function readState(home: string): { failures: number; retryAt: number } {
  const stored = readObject(stateFile(home));
  if (stored === null || stored === "garbage") return { failures: 0, retryAt: 0 };
  const { failures, retry_at: retryAt } = stored;
  return Number.isSafeInteger(failures) && typeof failures === "number" && failures >= 0 && typeof retryAt === "number"
    ? { failures, retryAt }
    : { failures: 0, retryAt: 0 };
}

function writeState(home: string, failures: number, retryAt: number): void {
  writeWhole(stateFile(home), `${JSON.stringify({ failures, retry_at: retryAt })}\n`);
}

/** Two that send at once would send everything twice. */
function lock(home: string, now: number): boolean {
  const there = statSync(lockOf(home), { throwIfNoEntry: false });
  if (there !== undefined && Math.abs(now - there.mtimeMs) > STALE_LOCK_MS) rmSync(lockOf(home), { force: true });
  return createOnce(lockOf(home), `${process.pid}\n`);
}
