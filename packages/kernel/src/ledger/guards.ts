import type { LedgerEntry } from "@prunella/contract";
import type { Core } from "../core.ts";
import { lackingGuards, makeGuards } from "../store/dialect.ts";
import { appendLedger, lockHead } from "./append.ts";

type GuardName = Extract<LedgerEntry, { type: "guards_restored" }>["guards"][number];

/** The names on both engines; an entry holds no others. */
const NAMES: readonly GuardName[] = ["ledger_no_update", "ledger_no_delete", "ledger_no_change", "ledger_no_truncate"];

/**
 * The database refuses by itself to change the ledger, as long as nobody drops its guards. Makes
 * those anew that are gone or changed, and says so in the ledger, because whatever happened meanwhile
 * left no other trace. Returns their names.
 */
export async function restoreGuards({
  engine,
  writer,
  clock,
}: Pick<Core, "engine" | "writer" | "clock">): Promise<GuardName[]> {
  if ((await lackingGuards(engine.reader, engine.kind, "ledger")).length === 0) return [];
  return writer.run(async (tx) => {
    await lockHead(tx);
    // Another server may have been faster.
    const lacking = await lackingGuards(tx.db, tx.kind, "ledger");
    const names = NAMES.filter((known) => lacking.some(({ name }) => name === known));
    if (names.length === 0) return [];
    await makeGuards(tx, "ledger", lacking);
    await appendLedger(tx, { v: 1, at: clock.now(), type: "guards_restored", guards: names });
    return names;
  });
}
