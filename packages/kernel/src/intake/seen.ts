import { sql } from "kysely";
import type { Tidying } from "../nodes/housekeeping.ts";
import { listProjects } from "../projects/projects.ts";
import type { Tx } from "../store/engine.ts";

/** Event ids are remembered for two days, and at most this many of one project. */
const WINDOW_S = 48 * 3600;
export const SEEN_CAP = 65_536;
/** Ids that one step forgets: each lies on a page of its own, which has to be written. */
const STEP_IDS = 200;

/** Forgets event ids that are older than the window or beyond the cap, oldest first; true when there may be more. */
export async function forgetSeen(tx: Tx, now: number, cap = SEEN_CAP, limit = STEP_IDS): Promise<boolean> {
  const oldest = Math.floor(now / 1000) - WINDOW_S;
  for (const { project_id: projectId } of await listProjects(tx.db)) {
    const { rows: beyond } = await sql<{
      seen_at: number;
    }>`select seen_at from event_seen where project_id = ${projectId}
      order by seen_at desc limit 1 offset ${cap}`.execute(tx.db);
    // The one beyond the cap goes, and with it all that came in its second or before.
    const before = Math.max(oldest, (beyond[0]?.seen_at ?? -1) + 1);
    const { rows } = await sql`delete from event_seen where project_id = ${projectId} and event_id in (
      select event_id from event_seen where project_id = ${projectId} and seen_at < ${before} order by seen_at limit ${limit})
      returning seen_at`.execute(tx.db);
    if (rows.length > 0) return true;
  }
  return false;
}

export const seenEvents = (): Tidying => ({ name: "seen_events", step: (tx, now) => forgetSeen(tx, now) });
