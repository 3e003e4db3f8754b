import { decodeEntry, type Kernel } from "@prunella/kernel";

export interface LedgerCounts {
  /** `permitted`, or why the gate refused. */
  decision(verdict: string): void;
  /** What came of an attempt, or of its quiet watch. */
  outcome(outcome: string): void;
  question(what: "opened" | "decided"): void;
}

/** Entries that one look reads at most; the rest waits for the next. */
const MAX_READ = 20_000;
const STEP = 1_000;

/**
 * Counts what the ledger gained since this process began. Each entry is read once, however long the
 * ledger is; several servers of one database count the same entries.
 */
export function createLedgerCounts(ledger: Pick<Kernel["ledger"], "entries" | "head">, counts: LedgerCounts) {
  let next: number | null = null;

  /** Returns how many entries there are. */
  return async function look(): Promise<number> {
    const { size } = await ledger.head();
    next ??= size;
    const end = Math.min(size, next + MAX_READ);
    while (next < end) {
      const rows = await ledger.entries(next, Math.min(end, next + STEP));
      if (rows.length === 0) break;
      for (const row of rows) tell(row.entry);
      next += rows.length;
    }
    return size;
  };

  function tell(text: string): void {
    const decoded = decodeEntry(Buffer.from(text));
    if (decoded.kind === "broken") return;
    const { entry } = decoded;
    if (entry.type === "attempt_intent") counts.decision("permitted");
    else if (entry.type === "attempt_refused") counts.decision(entry.refusal);
    else if (entry.type === "attempt_outcome") counts.outcome(entry.state);
    else if (entry.type === "attempt_verified") counts.outcome(entry.verification);
    else if (entry.type === "escalation_opened") counts.question("opened");
    else if (entry.type === "escalation_decided") counts.question("decided");
  }
}
