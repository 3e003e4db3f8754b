import type { AttemptRow } from "../attempts/row.ts";
import { standingOf, standingParts } from "../gate/standing.ts";
import type { NewId } from "../ids.ts";
import type { Calendar, Clock } from "../ports.ts";
import type { Tx } from "../store/engine.ts";
import { rows, unionAll } from "../store/rows.ts";
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
    const parts = unionAll(standingParts(now, { projectId, triggerId, target }));
    const lines = await rows<{ fact: string; n: number; said: string }>(tx.db)`${parts}`;
    const trigger = triggerId === null ? null : await policies.trigger(tx.db, projectId, triggerId);
    const { maintenanceUntil, quietUntil } = standingOf(lines, { now, trigger, calendar });
    if (maintenanceUntil === null && (quietUntil === null || kind !== "trigger")) return false;
    askAnew(tx, newId, now, attempt);
    return true;
  };
}
