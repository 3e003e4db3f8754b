import { sql } from "kysely";
import type { Tx } from "../store/engine.ts";
import { HOUR_MS } from "../store/tally.ts";

/** Counts how often a trigger was evaluated in an hour, and how often it was held back or fired. */
export async function countHour(
  tx: Tx,
  projectId: string,
  triggerId: string,
  now: number,
  outcome: "held" | "fired",
): Promise<void> {
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  const [held, fired] = outcome === "held" ? [1, 0] : [0, 1];
  await sql`insert into trigger_hour (project_id, trigger_id, hour, evaluated, held, fired) values (${projectId}, ${triggerId}, ${hour}, 1, ${held}, ${fired})
    on conflict (project_id, trigger_id, hour) do update set
      evaluated = trigger_hour.evaluated + 1, held = trigger_hour.held + excluded.held, fired = trigger_hour.fired + excluded.fired`.execute(
    tx.db,
  );
}
