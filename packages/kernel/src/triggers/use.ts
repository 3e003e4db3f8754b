import type { Trigger, TriggerUse } from "@prunella/contract";
import { countActive, readSpent } from "../gate/facts.ts";
import type { Engine } from "../store/engine.ts";

/** How much of a trigger's budgets and ceilings is used now. */
export async function withUse(db: Engine["reader"], now: number, trigger: Trigger): Promise<TriggerUse> {
  const where = { projectId: trigger.project_id, triggerId: trigger.id, target: trigger.condition.target };
  const subject = { kind: "trigger", id: trigger.id } as const;
  const budgets: TriggerUse["budgets"] = [];
  for (const budget of trigger.budgets) {
    const { used, nextFreeAt } = await readSpent(db, now, subject, budget, where);
    budgets.push({ ...budget, used, next_free_at: nextFreeAt });
  }
  const ceilings: TriggerUse["ceilings"] = [];
  for (const ceiling of trigger.ceilings)
    ceilings.push({ ...ceiling, active: await countActive(db, ceiling.scope, where, ceiling.max) });
  return { budgets, ceilings };
}
