import { Condition } from "@prunella/contract";
import { readGeneration } from "../store/generation.ts";
import type { Engine } from "../store/engine.ts";
import { keysOf, keysOfEvent, type Seen } from "./condition.ts";

/** What decides whether a trigger asks, and for what. */
export interface Watching {
  readonly triggerId: string;
  readonly condition: Condition;
  /** What its remedies act on; null: what the event names. */
  readonly target: string | null;
  /** Whether events that anyone could have sent ask it too. */
  readonly allowsPublic: boolean;
  /** Whether each evaluation leaves a row. */
  readonly logsAll: boolean;
}

export interface TriggerCache {
  /** Looks whether triggers were changed, here or by another server, and reads what was. */
  refresh(): Promise<void>;
  /** The generation that was read last. */
  generation(): number;
  /** The triggers whose condition an event may fulfil, by id. */
  candidates(projectId: string, seen: Seen): readonly Watching[];
}

/** Any event may fulfil a condition that stands here. */
const ANY = "";

/**
 * Triggers by what their conditions must find in an event, so that an event costs a dozen look-ups and
 * those that it concerns, however many there are.
 */
export function createTriggerCache(db: Engine["reader"]): TriggerCache {
  const byKey = new Map<string, Map<string, Watching>>();
  /** Where each trigger stands in `byKey`. */
  const placesOf = new Map<string, readonly string[]>();
  let generation = 0;

  function place(name: string, watching: Watching | null, places: readonly string[]): void {
    for (const before of placesOf.get(name) ?? []) {
      const there = byKey.get(before);
      there?.delete(name);
      if (there?.size === 0) byKey.delete(before);
    }
    placesOf.delete(name);
    if (watching === null) return;
    placesOf.set(name, places);
    for (const at of places) byKey.set(at, (byKey.get(at) ?? new Map<string, Watching>()).set(name, watching));
  }

  return {
    async refresh() {
      const present = await readGeneration(db, "triggers");
      if (present === generation) return;
      const changed = await db
        .selectFrom("self_heal_triggers")
        .select(["project_id", "trigger_id", "condition", "acts_on", "allows_public", "logs_all", "removed"])
        .where("changed", ">", generation)
        .orderBy("changed")
        .execute();
      for (const row of changed) {
        const condition = Condition.parse(JSON.parse(row.condition));
        const watching: Watching = {
          triggerId: row.trigger_id,
          condition,
          target: row.acts_on,
          allowsPublic: row.allows_public === 1,
          logsAll: row.logs_all === 1,
        };
        const places = (keysOf(condition)?.keys ?? [ANY]).map((key) => `${row.project_id} ${key}`);
        place(`${row.project_id} ${row.trigger_id}`, row.removed === 1 ? null : watching, places);
      }
      generation = present;
    },
    generation: () => generation,
    candidates(projectId, seen) {
      const found = new Map<string, Watching>();
      for (const key of [ANY, ...keysOfEvent(seen)])
        for (const watching of byKey.get(`${projectId} ${key}`)?.values() ?? [])
          found.set(watching.triggerId, watching);
      return [...found.values()].toSorted((a, b) => (a.triggerId < b.triggerId ? -1 : 1));
    },
  };
}
