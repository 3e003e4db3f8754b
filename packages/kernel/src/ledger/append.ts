import type { LedgerEntry } from "@prunella/contract";
import { sql } from "kysely";
import { lockRow } from "../store/dialect.ts";
import { NeedsDisk, type Engine, type Tx } from "../store/engine.ts";
import { insertRows } from "../store/insert-rows.ts";
import { rows } from "../store/rows.ts";
import { encodeEntry } from "./entry.ts";
import { FOUND_BY, foundBy } from "./found.ts";
import { appendLeaf, EMPTY_FRONTIER, leafHash, rootOf, type Frontier } from "./tree.ts";

export interface LedgerHead {
  readonly size: number;
  /** Lower-case hex of the RFC 6962 root over all entries. */
  readonly root: string;
}

/** Where the log ends as the units of one batch have left it. */
interface Head {
  frontier: Frontier;
  readonly isFirst: boolean;
}
const heads = new WeakMap<Tx, Promise<Head>>();

/**
 * Appends one entry and returns its index. The row is the truth: it commits with the state change
 * that it records, and tiles are derived from it later. The head is read with a batch's first entry,
 * which locks it, and written with its last.
 */
export const appendLedger = (tx: Tx, entry: LedgerEntry): Promise<number> => appendAll(tx, [entry]);

const LEDGER = { idx: "int", entry: "text", leaf_hash: "text", ...FOUND_BY } as const;

/** Appends entries one after the other and returns the index of the first. */
export async function appendAll(tx: Tx, entries: readonly LedgerEntry[]): Promise<number> {
  if (!tx.doesWait) throw new NeedsDisk("a ledger entry goes with a commit that waits for the disk");
  const head = await headOf(tx);
  const first = head.frontier.size;
  const added = entries.map((entry, at) => {
    const bytes = encodeEntry(entry);
    const leaf = leafHash(bytes);
    head.frontier = appendLeaf(head.frontier, leaf);
    return [first + at, Buffer.from(bytes).toString("utf8"), hex(leaf), ...foundBy(entry)];
  });
  tx.atEnd("ledger head", () => writeHead(tx, head));
  insertRows(tx, "ledger", LEDGER, added);
  return first;
}

/**
 * Whatever the ledger speaks of stands still from here until the unit has committed, on every server:
 * the first thing that a unit does which reads before it writes to the ledger. A row that is locked
 * before would be waited for by a commit that holds the head already, while this one waits for the head.
 */
export async function lockHead(tx: Tx): Promise<void> {
  // One writer has everything anyway.
  if (tx.kind !== "sqlite") await headOf(tx);
}

function headOf(tx: Tx): Promise<Head> {
  let head = heads.get(tx);
  if (!head) {
    head = readLocked(tx);
    heads.set(tx, head);
  }
  return head;
}

async function readLocked(tx: Tx): Promise<Head> {
  const found = await sql<{
    size: number;
    frontier: string;
  }>`select size, frontier from ledger_head where id = 1 ${lockRow(tx.kind)}`.execute(tx.db);
  const [row] = found.rows;
  return { frontier: row ? parseFrontier(row.size, row.frontier) : EMPTY_FRONTIER, isFirst: !row };
}

async function writeHead(tx: Tx, { frontier, isFirst }: Head): Promise<void> {
  const [root, hashes] = [hex(rootOf(frontier)), frontier.hashes.map(hex).join(",")];
  if (isFirst)
    await rows(
      tx.db,
    )`insert into ledger_head (id, size, root, frontier) values (1, ${frontier.size}, ${root}, ${hashes})`;
  else
    await rows(
      tx.db,
    )`update ledger_head set size = ${frontier.size}, root = ${root}, frontier = ${hashes} where id = 1`;
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
    .select(["idx", "entry", "leaf_hash"])
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
