import type { Core } from "../core.ts";
import { readEntries, readHead } from "./append.ts";
import { tally } from "./tally.ts";

/** The log itself, and what reaches it as sums. */
export const createLedger = ({ db }: Core) => ({
  head: () => readHead(db),
  entries: (start: number, end: number) => readEntries(db, start, end),
});

/** Losses that an SDK reports, or that a door caused, reach the ledger as one sum an hour. */
export const createLosses =
  ({ writer, clock }: Core) =>
  (projectId: string, losses: readonly { reason: string; quantity: number }[]): Promise<void> =>
    writer.run(async (tx) => {
      for (const { reason, quantity } of losses) await tally(tx, projectId, reason, clock.now(), quantity);
    });
