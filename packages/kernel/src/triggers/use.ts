import type { Trigger, TriggerUse } from "@prunella/contract";
import { readUse } from "../gate/facts.ts";
import { mainTarget } from "./condition.ts";
import type { Engine } from "../store/engine.ts";

/** How much of a trigger's budgets and ceilings is used now. */
export async function withUse(db: Engine["reader"], now: number, trigger: Trigger): Promise<TriggerUse> {
  const use = await readUse(db, {
    now,
    subject: { kind: "trigger", id: trigger.id },
    where: { projectId: trigger.project_id, triggerId: trigger.id, target: mainTarget(trigger) },
    budgets: trigger.budgets,
    ceilings: trigger.ceilings,
  });
  return {
    budgets: trigger.budgets.map((budget, nth) => ({
      ...budget,
      used: use.budgets[nth]?.used ?? 0,
      next_free_at: use.budgets[nth]?.nextFreeAt ?? null,
    })),
    ceilings: trigger.ceilings.map((ceiling, nth) => ({ ...ceiling, active: use.active[nth] ?? 0 })),
  };
}
