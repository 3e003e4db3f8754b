import type { Trigger } from "@prunella/contract";
import type { Tx } from "../store/engine.ts";
import { registerTrigger, removeTrigger, type TriggerRules } from "./registry.ts";

export interface Put {
  /** Ids of those that were registered or changed, and of those that are gone. */
  readonly registered: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Makes the triggers of the configuration those of the database, in one unit: each change is an entry, what
 * stands as it is gets none, and one that is gone from the file is taken out. Others are left alone.
 */
export async function putConfigured(tx: Tx, now: number, given: readonly Trigger[], rules: TriggerRules): Promise<Put> {
  const standing = await tx.db
    .selectFrom("self_heal_triggers")
    .select(["project_id", "trigger_id", "version"])
    .where("configured", "=", 1)
    .where("removed", "=", 0)
    .orderBy("project_id")
    .orderBy("trigger_id")
    .execute();
  const before = new Map(standing.map((row) => [`${row.project_id} ${row.trigger_id}`, row.version]));
  const names = new Set(given.map(({ project_id, id }) => `${project_id} ${id}`));
  const registered: string[] = [];
  for (const trigger of given) {
    const { version } = await registerTrigger(tx, now, trigger, rules, true);
    if (before.get(`${trigger.project_id} ${trigger.id}`) !== version) registered.push(trigger.id);
  }
  const removed: string[] = [];
  for (const { project_id: projectId, trigger_id: id } of standing)
    if (!names.has(`${projectId} ${id}`) && (await removeTrigger(tx, now, projectId, id))) removed.push(id);
  return { registered, removed };
}
