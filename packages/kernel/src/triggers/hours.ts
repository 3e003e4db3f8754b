import { HOUR_MS } from "../ledger/tally.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";

interface Counts {
  readonly projectId: string;
  readonly triggerId: string;
  evaluated: number;
  held: number;
  fired: number;
}

/** What is counted of each trigger and hour, whatever comes of it. */
export function createHourCounts(now: number) {
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  const counted = new Map<string, Counts>();
  return {
    add(projectId: string, triggerId: string, isHeld: boolean): void {
      const name = `${projectId} ${triggerId}`;
      const counts = counted.get(name) ?? { projectId, triggerId, evaluated: 0, held: 0, fired: 0 };
      counts.evaluated += 1;
      if (isHeld) counts.held += 1;
      counted.set(name, counts);
    },
    /** In one order, so that two servers lock rows alike. */
    write(tx: Tx): void {
      for (const [, counts] of [...counted].toSorted(([a], [b]) => (a < b ? -1 : 1))) count(tx, hour, counts);
    },
  };
}

/** The gate gave a trigger a permit. */
export function countFired(tx: Tx, projectId: string, triggerId: string, now: number): void {
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  count(tx, hour, { projectId, triggerId, evaluated: 0, held: 0, fired: 1 });
}

function count(tx: Tx, hour: number, { projectId, triggerId, evaluated, held, fired }: Counts): void {
  tx.later(rows(
    tx.db,
  )`insert into trigger_hour (project_id, trigger_id, hour, evaluated, held, fired) values (${projectId}, ${triggerId}, ${hour}, ${evaluated}, ${held}, ${fired})
    on conflict (project_id, trigger_id, hour) do update set
      evaluated = trigger_hour.evaluated + excluded.evaluated, held = trigger_hour.held + excluded.held, fired = trigger_hour.fired + excluded.fired`);
}
