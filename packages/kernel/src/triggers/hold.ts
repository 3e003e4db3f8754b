import type { AttemptRow } from "../attempts/row.ts";
import { readStanding } from "../gate/standing.ts";
import type { NewId } from "../ids.ts";
import type { Calendar, Clock } from "../ports.ts";
import type { Tx } from "../store/engine.ts";
import { askAnew } from "./again.ts";
import type { Policies } from "./policy.ts";

export interface HoldDeps {
  readonly policies: Policies;
  readonly calendar: Calendar;
  readonly clock: Pick<Clock, "now">;
  readonly newId: NewId;
}

/**
 * Whether a permit came to nothing because policy stands still: a window opened before its turn came. Then nobody is
 * asked, and its trigger asks the gate again, which says when that passes. The kill switch, a pause and maintenance
 * that begins at once took it back when they were made, and it is not permitted any more.
 */
export function createHold({ policies, calendar, clock, newId }: HoldDeps) {
  return async (tx: Tx, attempt: AttemptRow): Promise<boolean> => {
    const { project_id: projectId, trigger_id: triggerId, target, subject_kind: kind } = attempt;
    if (kind === "person") return false;
    const now = clock.now();
    const trigger = triggerId === null ? Promise.resolve(null) : policies.trigger(tx.db, projectId, triggerId);
    const of = { projectId, triggerId, target };
    const { maintenanceUntil, quietUntil } = await readStanding(tx.db, of, { now, trigger, calendar });
    if (maintenanceUntil === null && (quietUntil === null || kind !== "trigger")) return false;
    await askAnew(tx, newId, now, attempt);
    return true;
  };
}
