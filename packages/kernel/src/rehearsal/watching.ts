import type { Trigger } from "@prunella/contract";
import { judge, keysOf, keysOfEvent, type Seen } from "../triggers/condition.ts";

/** A trigger that what came in may concern, and what its condition says without counting; null: that depends on counts. */
export interface Concerned {
  readonly trigger: Trigger;
  readonly plain: boolean | null;
}

const ANY = "";

/** The triggers of a policy by what their conditions must find, as the digest's cache has those of the database. */
export function createWatching(triggers: readonly Trigger[]) {
  const byKey = new Map<string, Set<Trigger>>();
  for (const trigger of triggers)
    for (const key of keysOf(trigger.condition)?.keys ?? [ANY]) {
      const name = `${trigger.project_id} ${key}`;
      byKey.set(name, (byKey.get(name) ?? new Set()).add(trigger));
    }
  return (projectId: string, seen: Seen): readonly Concerned[] => {
    const found = new Set<Trigger>();
    for (const key of [ANY, ...keysOfEvent(seen)])
      for (const trigger of byKey.get(`${projectId} ${key}`) ?? []) found.add(trigger);
    return [...found]
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map((trigger) => ({ trigger, plain: judge(trigger.condition, seen) }));
  };
}
