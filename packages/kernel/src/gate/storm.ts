import type { Storm } from "@prunella/contract";
import { z } from "zod";
import type { Engine, Tx } from "../store/engine.ts";
import { part, rows, type Part } from "../store/rows.ts";
import type { Remedy } from "./remedy.ts";

/** How the targets that a storm is judged by were when they were looked at. */
export interface Peers {
  readonly healthy: number;
  readonly bad: readonly string[];
}

/** The last storm that a trigger saw. */
export interface LastStorm {
  readonly until: number;
  readonly bad: readonly string[];
}

/** More would take longer to look at than the answer is good for. */
export const MOST_PEERS = 256;

/** Looks at them one after the other; one that cannot be looked at is not well. */
export async function lookAtPeers(
  remedy: Remedy,
  db: Engine["reader"],
  projectId: string,
  targets: readonly string[],
): Promise<Peers> {
  const bad: string[] = [];
  for (const target of targets) {
    const seen = await remedy.observe(projectId, target, {}, db).catch(() => null);
    if (!seen?.isHealthy) bad.push(target);
  }
  return { healthy: targets.length - bad.length, bad };
}

export const stormPart = (projectId: string, triggerId: string): Part =>
  part`select 'storm' as fact, 0 as nth, until_at as n, since as at, targets as said from storm
    where project_id = ${projectId} and trigger_id = ${triggerId}`;

export const lastStormOf = (line: { readonly n: number; readonly said: string } | undefined): LastStorm | null =>
  line === undefined ? null : { until: line.n, bad: z.array(z.string()).parse(JSON.parse(line.said)) };

/**
 * When the storm that is on is over; null: there is none. After the cooldown those that were bad when it began and
 * still are may be acted on one by one, for as long as the cooldown was; whatever else has failed by then is a new storm.
 */
export function stormUntil(
  now: number,
  target: string,
  { min_healthy, cooldown_ms }: Storm,
  last: LastStorm | null,
  peers: Peers,
): number | null {
  if (last !== null && now < last.until) return last.until;
  if (peers.healthy >= min_healthy) return null;
  if (last !== null && now < last.until + cooldown_ms && last.bad.includes(target)) return null;
  return now + cooldown_ms;
}

/** In the unit of the refusal; a storm that is on already stays as it is. */
export function noteStorm(
  tx: Tx,
  now: number,
  given: {
    readonly projectId: string;
    readonly triggerId: string;
    readonly until: number;
    readonly bad: readonly string[];
  },
): void {
  const { projectId, triggerId, until, bad } = given;
  tx.later(rows(tx.db)`insert into storm (project_id, trigger_id, since, until_at, targets)
    values (${projectId}, ${triggerId}, ${now}, ${until}, ${JSON.stringify(bad)})
    on conflict (project_id, trigger_id) do update set since = excluded.since, until_at = excluded.until_at, targets = excluded.targets`);
}
