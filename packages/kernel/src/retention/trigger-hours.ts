import { sql } from "kysely";
import { shareOf, type Tidying } from "../nodes/housekeeping.ts";
import { STEP_ROWS } from "./policy.ts";

const DAY_MS = 86_400_000;
/** How long it is counted how often each trigger was asked in each hour. */
const TRIGGER_HOURS_MS = 90 * DAY_MS;
/** How long single evaluations are kept, of the triggers that keep them. */
const EVALUATIONS_MS = 7 * DAY_MS;

/** Hourly counts of triggers. */
export const oldTriggerHours = (most = STEP_ROWS): Tidying => ({
  name: "old_trigger_hours",
  async step(tx, now, share = 1) {
    const limit = shareOf(most, share);
    const { rows } = await sql<{ hour: number }>`select hour from trigger_hour where hour < ${now - TRIGGER_HOURS_MS}
      order by hour limit 1`.execute(tx.db);
    const [oldest] = rows;
    if (!oldest) return false;
    // Of one hour at a time: as many rows as there are triggers, and no more than the limit.
    await sql`delete from trigger_hour where hour = ${oldest.hour} and (project_id, trigger_id) in (
      select project_id, trigger_id from trigger_hour where hour = ${oldest.hour} order by project_id, trigger_id limit ${limit})`.execute(
      tx.db,
    );
    return true;
  },
});

/** Single evaluations. */
export const oldEvaluations = (most = STEP_ROWS): Tidying => ({
  name: "old_trigger_evaluations",
  async step(tx, now, share = 1) {
    const gone = await sql`delete from trigger_evaluation where (project_id, trigger_id, evaluation_id) in (
      select project_id, trigger_id, evaluation_id from trigger_evaluation where at < ${now - EVALUATIONS_MS}
      order by at limit ${shareOf(most, share)})`.execute(tx.db);
    return (gone.numAffectedRows ?? 0n) > 0n;
  },
});
