import type { Core } from "../core.ts";
import { readEntries, readHead } from "./append.ts";
import { findEntries, type EntryQuery } from "./found.ts";
import { restoreGuards } from "./guards.ts";
import { tally } from "./tally.ts";
import { compareRows } from "./verify-rows.ts";

/** The log itself, and what reaches it as sums. */
export const createLedger = (core: Core) => ({
  head: () => readHead(core.db),
  entries: (start: number, end: number) => readEntries(core.db, start, end),
  find: (query: EntryQuery) => findEntries(core.db, query),
  /** Makes the database's guards of it anew where they lack; their names. */
  async restoreGuards(): Promise<string[]> {
    const names = await restoreGuards(core);
    if (names.length === 0) return names;
    core.log.warn(
      `the database's guards of the ledger had been dropped or changed and were made again: ${names.join(", ")}`,
    );
    core.publish("ledger", "head");
    return names;
  },
  /** What attempts, permits, escalations and decisions say otherwise than it. */
  compareRows: () => compareRows(core.engine),
});

/** Losses that an SDK reports, or that a door caused, reach the ledger as one sum an hour. */
export const createLosses =
  ({ writer, clock, meter }: Core) =>
  async (projectId: string, losses: readonly { reason: string; quantity: number }[]): Promise<void> => {
    await writer.run(async (tx) => {
      for (const { reason, quantity } of losses) await tally(tx, projectId, reason, clock.now(), quantity);
    });
    for (const { reason, quantity } of losses) meter?.lost(reason, quantity);
  };
