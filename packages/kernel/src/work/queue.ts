import { sql } from "kysely";
import { skipLocked } from "../store/dialect.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";
import type { Lane } from "./kind.ts";

export type Row = Tables["work"];

/** A claimed item that is not finished within this time may be claimed again. */
export const LEASE_MS = 30_000;
const BACKOFF_MS = { first: 250, most: 60_000 };
/** After so many failures a person is asked: about two minutes, long enough for a database that comes back. */
export const MAX_TRIES = 9;
/** A set-aside item waits for a decision, not for a time. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** Kinds, and the lanes that they go in, lower ones first. */
export interface Claimable {
  readonly names: readonly string[];
  readonly lanes: readonly Lane[];
  /** Kinds of which no more than so many may be claimed. */
  readonly bounded: readonly { readonly name: string; readonly lane: Lane; readonly room: number }[];
}

type Kinds = readonly { readonly name: string; readonly lane: Lane; readonly most: number | null }[];

/** `isUnderWay`: how many of a kind somebody works on here. */
export const claimable = (kinds: Kinds, isUnderWay: (name: string) => number): Claimable => ({
  names: kinds.flatMap(({ name, most }) => (most === null ? [name] : [])),
  lanes: [...new Set(kinds.map((kind) => kind.lane))].toSorted(),
  bounded: kinds.flatMap(({ name, lane, most }) => {
    const room = most === null ? 0 : most - isUnderWay(name);
    return room > 0 ? [{ name, lane, room }] : [];
  }),
});

const among = (kinds: readonly string[]) => sql.join(kinds.map((kind) => sql.lit(kind)));

/**
 * Takes up to `limit` due items of these kinds, lower lanes and older items first, each with a
 * fencing token. Kinds that this version does not know are left for one that does.
 */
export async function claim(tx: Tx, now: number, kinds: Claimable, limit: number): Promise<Row[]> {
  const claimed: Row[] = [];
  async function take(lane: Lane, names: readonly string[], most: number): Promise<void> {
    if (names.length === 0 || most <= 0) return;
    const { rows: taken } = await sql<Row>`
      update work set leased_until = ${now + LEASE_MS}, fence = fence + 1 where (project_id, work_id) in (
        select project_id, work_id from work where lane = ${lane} and due_at <= ${now} and leased_until <= ${now} and kind in (${among(names)})
        order by due_at, work_id limit ${most} ${skipLocked(tx.kind)}) returning *`.execute(tx.db);
    claimed.push(...taken.toSorted((a, b) => a.due_at - b.due_at || (a.work_id < b.work_id ? -1 : 1)));
  }
  for (const lane of kinds.lanes) {
    await take(lane, kinds.names, limit - claimed.length);
    for (const { name, room, lane: own } of kinds.bounded)
      if (own === lane) await take(lane, [name], Math.min(room, limit - claimed.length));
  }
  return claimed;
}

/** When the next item may be claimed; null when there is none. Items that somebody works on do not count. */
export async function nextDue(db: Engine["reader"], now: number, kinds: Claimable): Promise<number | null> {
  let next: number | null = null;
  const names = [...kinds.names, ...kinds.bounded.map(({ name }) => name)];
  for (const lane of kinds.lanes) {
    const { rows: first } = await sql<{ due_at: number }>`select due_at from work
      where lane = ${lane} and leased_until <= ${now} and kind in (${among(names)}) order by due_at, work_id limit 1`.execute(
      db,
    );
    const due = first[0]?.due_at;
    if (due !== undefined && due < NEVER && (next === null || due < next)) next = due;
  }
  return next;
}

/** Removes an item in the same transaction as its effect; false when somebody else holds it by now. */
export async function finish(tx: Tx, row: Row): Promise<boolean> {
  const gone = await rows(
    tx.db,
  )`delete from work where project_id = ${row.project_id} and work_id = ${row.work_id} and fence = ${row.fence} returning 1`;
  return gone.length > 0;
}

/** Puts an item that failed back, later each time; the last time it waits until somebody decides. */
export async function putBack(tx: Tx, row: Row, now: number): Promise<"later" | "stuck" | "gone"> {
  const isStuck = row.tries + 1 >= MAX_TRIES;
  const wait = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** row.tries);
  const kept = await tx.db
    .updateTable("work")
    .set({ tries: row.tries + 1, leased_until: 0, due_at: isStuck ? NEVER : now + wait })
    .where("project_id", "=", row.project_id)
    .where("work_id", "=", row.work_id)
    .where("fence", "=", row.fence)
    .executeTakeFirst();
  if (kept.numUpdatedRows === 0n) return "gone";
  return isStuck ? "stuck" : "later";
}

/** A person's answer about an item that kept failing. */
export async function takeUpAgain(tx: Tx, workId: string, now: number): Promise<void> {
  await tx.db
    .updateTable("work")
    .set({ tries: 0, due_at: now, leased_until: 0 })
    .where("work_id", "=", workId)
    .execute();
}

export async function setAside(tx: Tx, workId: string): Promise<void> {
  await tx.db.deleteFrom("work").where("work_id", "=", workId).execute();
}

/** Kinds of which something is due and that are not among these. */
export async function unknownKinds(db: Engine["reader"], now: number, kinds: readonly string[]): Promise<string[]> {
  const { rows: unknown } = await sql<{
    kind: string;
  }>`select distinct kind from work where kind not in (${among(kinds)}) and due_at <= ${now} order by kind`.execute(db);
  return unknown.map((row) => row.kind);
}
