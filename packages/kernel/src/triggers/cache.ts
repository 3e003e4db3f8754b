import type { Level } from "@prunella/contract";
import { readGeneration } from "../store/generation.ts";
import type { Engine } from "../store/engine.ts";
import { severity } from "./severity.ts";

/** What decides whether a trigger's condition holds. */
export interface Condition {
  readonly triggerId: string;
  readonly minLevel: Level;
  /** Whether events that anyone could have sent ask it too. */
  readonly allowsPublic: boolean;
}

export interface TriggerCache {
  /** Looks whether triggers were changed, here or by another server, and reads what was. */
  refresh(): Promise<void>;
  /** The generation that was read last. */
  generation(): number;
  /** The triggers whose condition an event fulfils. A different target is a different cause: exact match. */
  match(event: { readonly project_id: string; readonly target: string; readonly level: Level }): readonly Condition[];
}

/** Conditions by what they match, so that ten thousand of them cost an event one look-up. */
export function createTriggerCache(db: Engine["reader"]): TriggerCache {
  const byTarget = new Map<string, Map<string, Condition>>();
  /** Where each trigger stands in `byTarget`. */
  const targetOf = new Map<string, string>();
  let generation = 0;

  return {
    async refresh() {
      const present = await readGeneration(db, "triggers");
      if (present === generation) return;
      const changed = await db
        .selectFrom("self_heal_triggers")
        .select(["project_id", "trigger_id", "target", "min_level", "allows_public"])
        .where("changed", ">", generation)
        .orderBy("changed")
        .execute();
      for (const row of changed) {
        const [name, target] = [`${row.project_id} ${row.trigger_id}`, `${row.project_id} ${row.target}`];
        byTarget.get(targetOf.get(name) ?? "")?.delete(row.trigger_id);
        targetOf.set(name, target);
        const conditions = byTarget.get(target) ?? new Map<string, Condition>();
        byTarget.set(target, conditions.set(row.trigger_id, conditionOf(row)));
      }
      generation = present;
    },
    generation: () => generation,
    match({ project_id, target, level }) {
      const conditions = byTarget.get(`${project_id} ${target}`);
      if (!conditions) return [];
      return [...conditions.values()]
        .filter((condition) => severity(level) >= severity(condition.minLevel))
        .toSorted((a, b) => (a.triggerId < b.triggerId ? -1 : 1));
    },
  };
}

const conditionOf = (row: { trigger_id: string; min_level: Level; allows_public: number }): Condition => ({
  triggerId: row.trigger_id,
  minLevel: row.min_level,
  allowsPublic: row.allows_public === 1,
});
