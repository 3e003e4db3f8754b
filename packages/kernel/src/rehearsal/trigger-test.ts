import type { Trigger, TriggerTest } from "@prunella/contract";
import type { Engine } from "../store/engine.ts";
import { coarseBefore, readDeltas } from "./deltas.ts";
import { createDeeds } from "./deeds.ts";
import { ASSUMED } from "./observed.ts";
import { readPast } from "./past.ts";
import { lookBackMs } from "./policy-times.ts";
import { replay, type HeldAt, type ReplayDeps } from "./replay.ts";

/** As many are told singly; the counts go on. */
const MOST_MOMENTS = 200;
const MOST_TARGETS = 100;
const ALONE = "This trigger alone is replayed: what others did in the time uses up no budget that they share.";

/** Holds one trigger's condition against what came in, by the same replay as a rehearsal. */
export async function testTrigger(
  db: Engine["reader"],
  given: { readonly trigger: Trigger; readonly since: number; readonly until: number },
  deps: Omit<ReplayDeps, "onReplayed" | "watch">,
): Promise<TriggerTest> {
  const { trigger, since, until } = given;
  const { turn } = deps;
  const deltas = await readDeltas(db, { projects: [trigger.project_id], since: since - lookBackMs([trigger]), turn });
  const past = await readPast(db, { since, until, turn });
  const targets = new Map<string, TriggerTest["targets"][number]>();
  const moments: TriggerTest["moments"] = [];
  let looked = 0;
  let held = 0;
  const watch = {
    looked: (): void => void (looked += 1),
    held({ at, target, faultId, events }: HeldAt): void {
      held += 1;
      const before = targets.get(target);
      targets.set(target, {
        target,
        held: (before?.held ?? 0) + 1,
        events: (before?.events ?? 0) + events,
        first_at: before?.first_at ?? at,
        last_at: at,
      });
      moments.push({ at, target, fault_id: faultId, events });
      if (moments.length > 2 * MOST_MOMENTS) moments.splice(0, MOST_MOMENTS);
    },
  };
  const told = await replay([trigger], { deltas, past, since, until }, { ...deps, watch, onReplayed: () => undefined });
  return {
    project_id: trigger.project_id,
    trigger_id: trigger.id,
    version: trigger.version,
    since,
    until,
    deltas: deltas.size,
    events: deltas.events,
    coarse_before: coarseBefore(deltas, since),
    looked,
    held,
    targets: [...targets.values()]
      .toSorted((a, b) => b.held - a.held || (a.target < b.target ? -1 : 1))
      .slice(0, MOST_TARGETS),
    moments: moments.slice(-MOST_MOMENTS).toReversed(),
    gate: told.get(`${trigger.project_id} ${trigger.id}`) ?? createDeeds(trigger.budgets).told(),
    assumed: [ALONE, ...ASSUMED],
  };
}
