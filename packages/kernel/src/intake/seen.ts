import { sql } from "kysely";
import type { Duty } from "../nodes/housekeeping.ts";
import type { Tx } from "../store/engine.ts";

/** Event ids are remembered for two days, and at most this many of one project. */
const WINDOW_S = 48 * 3600;
export const SEEN_CAP = 65_536;

/** Forgets event ids that are older than the window or beyond the cap, oldest first. */
export async function forgetSeen(tx: Tx, now: number, cap = SEEN_CAP): Promise<void> {
  const oldest = Math.floor(now / 1000) - WINDOW_S;
  await sql`delete from event_seen where seen_at < ${oldest}`.execute(tx.db);
  const { rows } = await sql<{ project_id: string; count: number }>`
    select project_id, count(*) as count from event_seen group by project_id having count(*) > ${cap} order by project_id`.execute(
    tx.db,
  );
  for (const { project_id } of rows) {
    await sql`delete from event_seen where project_id = ${project_id} and seen_at <= (
      select seen_at from event_seen where project_id = ${project_id} order by seen_at desc limit 1 offset ${cap})`.execute(
      tx.db,
    );
  }
}

export const seenEvents: Duty = { name: "seen_events", run: (tx, now) => forgetSeen(tx, now) };
