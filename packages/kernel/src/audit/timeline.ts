import { AuditRow } from "@prunella/contract";
import type { Core } from "../core.ts";
import type { Engine } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";

type Db = Engine["reader"];

/** One row of a timeline, as the table has it; `at` in epoch milliseconds, as everything here. */
export interface AuditEvent {
  readonly id: string;
  readonly project_id: string;
  readonly at: number;
  readonly about: string | null;
  readonly row: AuditRow;
}

/** Rows of one story are few; more than this is no story that a person reads. */
const MOST = 500;

/** All rows of the sessions that an id names: the session itself, or an attempt or escalation that stands in one. */
async function readTimeline(
  db: Db,
  id: string,
  sees: readonly string[] | null = null,
): Promise<{ sessions: string[]; events: AuditEvent[] }> {
  const named = await db
    .selectFrom("audit_event")
    .select("caller_session_id")
    .distinct()
    .where("about", "=", id)
    .orderBy("caller_session_id")
    .limit(16)
    .execute();
  const sessions = [...new Set([id, ...named.map((row) => row.caller_session_id)])];
  let query = db.selectFrom("audit_event").selectAll().where("caller_session_id", "in", sessions);
  if (sees) query = query.where("project_id", "in", sees);
  const found = await query.orderBy("emitted_at").orderBy("event_id").limit(MOST).execute();
  return { sessions: [...new Set(found.map((row) => row.caller_session_id))], events: found.map(toEvent) };
}

/** Stories by their newest row of one kind, newest first. */
async function listTimeline(
  db: Db,
  given: {
    readonly limit: number;
    readonly before?: string | undefined;
    readonly dmStatus?: string | undefined;
    readonly sees?: readonly string[] | null;
  },
): Promise<{ events: AuditEvent[]; next: string | null }> {
  let query = db.selectFrom("audit_event").selectAll();
  if (given.sees) query = query.where("project_id", "in", given.sees);
  if (given.dmStatus !== undefined) query = query.where("dm_status", "=", given.dmStatus);
  // Ids count up with time, so the newest come first by them too.
  if (given.before !== undefined) query = query.where("event_id", "<", given.before);
  const found = await query
    .orderBy("event_id", "desc")
    .limit(given.limit + 1)
    .execute();
  const shown = found.slice(0, given.limit);
  return {
    events: shown.map(toEvent),
    next: found.length > given.limit ? (shown.at(-1)?.event_id ?? null) : null,
  };
}

const toEvent = (row: Tables["audit_event"]): AuditEvent => ({
  id: row.event_id,
  project_id: row.project_id,
  at: row.emitted_at,
  about: row.about,
  row: AuditRow.parse({
    seam: row.seam,
    caller_session_id: row.caller_session_id,
    source: row.source,
    details: JSON.parse(row.details),
  }),
});

/** What was heard, tried, found and told. */
export const createTimeline = ({ db }: Core) => ({
  read: (id: string, sees: readonly string[] | null = null) => readTimeline(db, id, sees),
  list: (given: Parameters<typeof listTimeline>[1]) => listTimeline(db, given),
});
