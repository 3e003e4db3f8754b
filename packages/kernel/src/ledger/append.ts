import type { LedgerEntry } from "@prunella/contract";
import { lockRow } from "../store/dialect.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { sql } from "kysely";
import { encodeEntry } from "./entry.ts";
import { appendLeaf, EMPTY_FRONTIER, leafHash, rootOf, type Frontier } from "./tree.ts";

export interface LedgerHead {
  readonly size: number;
  /** Lower-case hex of the RFC 6962 root over all entries. */
  readonly root: string;
}

/**
 * Appends one entry and returns its index. The row is the truth: it commits with the state change
 * that it records, and tiles are derived from it later.
 */
export async function appendLedger(tx: Tx, entry: LedgerEntry): Promise<number> {
  const bytes = encodeEntry(entry);
  const leaf = leafHash(bytes);
  const { rows } = await sql<{
    size: number;
    frontier: string;
  }>`select size, frontier from ledger_head where id = 1 ${lockRow(tx.kind)}`.execute(tx.db);
  const head = rows[0];
  const before = head ? parseFrontier(head.size, head.frontier) : EMPTY_FRONTIER;
  const after = appendLeaf(before, leaf);
  const row = { size: after.size, root: hex(rootOf(after)), frontier: after.hashes.map(hex).join(",") };
  await tx.db
    .insertInto("ledger")
    .values({ idx: before.size, entry: Buffer.from(bytes).toString("utf8"), leaf_hash: hex(leaf) })
    .execute();
  if (head) await tx.db.updateTable("ledger_head").set(row).where("id", "=", 1).execute();
  else
    await tx.db
      .insertInto("ledger_head")
      .values({ id: 1, ...row })
      .execute();
  return before.size;
}

/**
 * Whatever the ledger speaks of stands still from here until the unit has committed, on every server:
 * the first thing that a unit does which reads before it writes to the ledger. A row that is locked
 * before would be waited for by a commit that holds the head already, while this one waits for the head.
 */
export async function lockHead(tx: Tx): Promise<void> {
  // One writer has everything anyway.
  if (tx.kind === "sqlite") return;
  await sql`select 1 from ledger_head where id = 1 ${lockRow(tx.kind)}`.execute(tx.db);
}

export async function readHead(db: Engine["reader"]): Promise<LedgerHead> {
  const row = await db.selectFrom("ledger_head").select(["size", "root"]).where("id", "=", 1).executeTakeFirst();
  return row ?? { size: 0, root: hex(rootOf(EMPTY_FRONTIER)) };
}

/** Entries `start` (inclusive) to `end` (exclusive), in order. */
export async function readEntries(
  db: Engine["reader"],
  start: number,
  end: number,
): Promise<{ index: number; entry: string; leafHash: string }[]> {
  const rows = await db
    .selectFrom("ledger")
    .selectAll()
    .where("idx", ">=", start)
    .where("idx", "<", end)
    .orderBy("idx")
    .execute();
  return rows.map((row) => ({ index: row.idx, entry: row.entry, leafHash: row.leaf_hash }));
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function parseFrontier(size: number, text: string): Frontier {
  return { size, hashes: text === "" ? [] : text.split(",").map((part) => Buffer.from(part, "hex")) };
}
