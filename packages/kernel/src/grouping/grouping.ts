import type { Actor, GroupingRule, RuleCondition } from "@prunella/contract";
import { OPERATOR } from "../actors.ts";
import type { Core } from "../core.ts";
import { readGeneration } from "../store/generation.ts";
import { addRule, listRules, removeRule } from "./rules.ts";

/** People's own grouping rules; they decide for events that come from now on. */
export async function createGrouping(deps: Core) {
  const { db, writer, clock, newId } = deps;
  let generation = await readGeneration(db, "rules");
  let rules = await listRules(db);

  /** Other servers on the same database take in rules too. */
  async function refresh(): Promise<void> {
    const present = await readGeneration(db, "rules");
    if (present === generation) return;
    rules = await listRules(db);
    generation = present;
  }

  return {
    refresh,
    of: (projectId: string): readonly GroupingRule[] => rules.filter((rule) => rule.project_id === projectId),
    rules: {
      list: () => listRules(db),
      async add(
        given: { project: string; when: RuleCondition; group_as: string },
        by: Actor = OPERATOR,
      ): Promise<GroupingRule> {
        const rule = await writer.run((tx) =>
          addRule(tx, clock.now(), newId, {
            projectId: given.project,
            when: given.when,
            groupAs: given.group_as,
            by,
          }),
        );
        await refresh();
        deps.publish("rules", "changed");
        deps.publish("ledger", "head");
        return rule;
      },
      async remove(ruleId: string, by: Actor = OPERATOR): Promise<void> {
        await writer.run((tx) => removeRule(tx, clock.now(), ruleId, by));
        await refresh();
        deps.publish("rules", "changed");
        deps.publish("ledger", "head");
      },
    },
  };
}
