import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import { HOUR_MS } from "../ledger/tally.ts";

/** Counts how often a trigger was evaluated in an hour, and how often it was held back or fired. */
export function countHour(
  tx: Tx,
  projectId: string,
  triggerId: string,
  now: number,
  outcome: "held_back" | "fired",
): void {
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  const [heldBack, fired] = outcome === "held_back" ? [1, 0] : [0, 1];
  tx.later(rows(
    tx.db,
  )`insert into trigger_hour (project_id, trigger_id, hour, evaluated, held_back, fired) values (${projectId}, ${triggerId}, ${hour}, 1, ${heldBack}, ${fired})
    on conflict (project_id, trigger_id, hour) do update set
      evaluated = trigger_hour.evaluated + 1, held_back = trigger_hour.held_back + excluded.held_back, fired = trigger_hour.fired + excluded.fired`);
}
