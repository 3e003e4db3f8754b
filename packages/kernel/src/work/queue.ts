import { sql } from "kysely";
import { skipLocked } from "../store/dialect.ts";
import type { Engine, Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { LANES } from "./kind.ts";

export type Row = Tables["work"];

/** A claimed item that is not finished within this time may be claimed again. */
const LEASE_MS = 30_000;
const BACKOFF_MS = { first: 250, most: 60_000 };
/** After so many failures a person is asked: about two minutes, long enough for a database that restarts. */
export const MAX_TRIES = 9;
/** A set-aside item waits for a decision, not for a time. */
const NEVER = Number.MAX_SAFE_INTEGER;

const among = (kinds: readonly string[]) => sql.join(kinds.map((kind) => sql.lit(kind)));

/**
 * Takes up to `limit` due items of these kinds, lower lanes and older items first, each with a
 * fencing token. Kinds that this version does not know are left for one that does.
 */
export async function claim(tx: Tx, now: number, kinds: readonly string[], limit: number): Promise<Row[]> {
  const claimed: Row[] = [];
  for (const lane of Object.values(LANES)) {
    if (claimed.length >= limit) break;
    const { rows } = await sql<Row>`
      update work set leased_until = ${now + LEASE_MS}, fence = fence + 1 where (project_id, work_id) in (
        select project_id, work_id from work where lane = ${lane} and due_at <= ${now} and leased_until <= ${now} and kind in (${among(kinds)})
        order by due_at, work_id limit ${limit - claimed.length} ${skipLocked(tx.kind)}) returning *`.execute(tx.db);
    claimed.push(...rows.toSorted((a, b) => a.due_at - b.due_at || (a.work_id < b.work_id ? -1 : 1)));
  }
  return claimed;
}

/** When the next item may be claimed; null when there is none. Items that somebody works on do not count. */
export async function nextDue(db: Engine["reader"], now: number, kinds: readonly string[]): Promise<number | null> {
  let next: number | null = null;
  for (const lane of Object.values(LANES)) {
    const { rows } = await sql<{ due_at: number }>`select due_at from work
      where lane = ${lane} and leased_until <= ${now} and kind in (${among(kinds)}) order by due_at, work_id limit 1`.execute(
      db,
    );
    const due = rows[0]?.due_at;
    if (due !== undefined && due < NEVER && (next === null || due < next)) next = due;
  }
  return next;
}

/** Removes an item in the same transaction as its effect; false when somebody else holds it by now. */
export async function finish(tx: Tx, row: Row): Promise<boolean> {
  const gone = await tx.db
    .deleteFrom("work")
    .where("project_id", "=", row.project_id)
    .where("work_id", "=", row.work_id)
    .where("fence", "=", row.fence)
    .executeTakeFirst();
  return gone.numDeletedRows > 0n;
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
  const { rows } = await sql<{
    kind: string;
  }>`select distinct kind from work where kind not in (${among(kinds)}) and due_at <= ${now} order by kind`.execute(db);
  return rows.map((row) => row.kind);
}
