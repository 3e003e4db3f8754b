import { sql } from "kysely";
import { shareOf, type Tidying } from "../nodes/housekeeping.ts";
import { listProjects } from "../projects/projects.ts";
import type { Tx } from "../store/engine.ts";

/** Event ids are remembered for two days, and at most this many of one project. */
const WINDOW_S = 48 * 3600;
export const SEEN_CAP = 65_536;
/** Ids that one step forgets: each lies on a page of its own, which has to be written. */
const STEP_IDS = 200;

/** Until when, in seconds, the ids of a project are more than enough; looked up by counting them, so not in each step. */
type Beyond = Map<string, { before: number; lookedAt: number }>;
const LOOK_MS = 60_000;

/** Forgets event ids that are older than the window or beyond the cap, oldest first; true when there may be more. */
export async function forgetSeen(
  tx: Tx,
  now: number,
  cap = SEEN_CAP,
  limit = STEP_IDS,
  beyond: Beyond = new Map(),
): Promise<boolean> {
  const oldest = Math.floor(now / 1000) - WINDOW_S;
  for (const { project_id: projectId } of await listProjects(tx.db, now)) {
    let known = beyond.get(projectId);
    if (known === undefined || Math.abs(now - known.lookedAt) >= LOOK_MS) {
      known = { before: await beyondCap(tx, projectId, cap), lookedAt: now };
      beyond.set(projectId, known);
    }
    const before = Math.max(oldest, known.before);
    const { rows } = await sql`delete from event_seen where project_id = ${projectId} and event_id in (
      select event_id from event_seen where project_id = ${projectId} and seen_at < ${before} order by seen_at limit ${limit})
      returning seen_at`.execute(tx.db);
    if (rows.length > 0) return true;
  }
  return false;
}

/** The first id beyond the cap goes, and with it all that came in its second or before. */
async function beyondCap(tx: Tx, projectId: string, cap: number): Promise<number> {
  const { rows } = await sql<{ seen_at: number }>`select seen_at from event_seen where project_id = ${projectId}
    order by seen_at desc limit 1 offset ${cap}`.execute(tx.db);
  return (rows[0]?.seen_at ?? -1) + 1;
}

export function seenEvents(): Tidying {
  const beyond: Beyond = new Map();
  return {
    name: "seen_events",
    step: (tx, now, share = 1) => forgetSeen(tx, now, SEEN_CAP, shareOf(STEP_IDS, share), beyond),
  };
}
