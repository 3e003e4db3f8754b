import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import type { GroupingRule } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { brief } from "../parts/words.ts";
import { toast } from "../shell/toasts.tsx";
import type { RuleDraft } from "./pattern.ts";

/** Adds and deletes grouping rules, and offers the way back. */
export function useRuleChanges() {
  const client = useQueryClient();
  const fetchAgain = () => client.invalidateQueries({ queryKey: ["rules"] });
  return {
    async add(draft: RuleDraft): Promise<void> {
      const { rule } = await create(draft);
      await fetchAgain();
      toast(`Rule added. New events that fit become “${brief(rule.group_as, 40)}”.`, {
        undo: () => void quietly(client, async () => void (await erase(rule.id))),
      });
    },
    async remove(rule: GroupingRule): Promise<void> {
      const done = await quietly(client, async () => void (await erase(rule.id)));
      if (!done) return;
      const { project_id: project, when, group_as } = rule;
      toast(`Rule deleted: ${brief(group_as, 40)}.`, {
        undo: () =>
          void quietly(client, async () => {
            await create({ project, when, group_as });
            // The oldest rule that fits decides, and this one is the newest now.
            toast("The rule is back, as the last of its project.");
          }),
      });
    },
  };
}

const create = (draft: RuleDraft) => call("POST /v1/grouping-rules", draft);
const erase = (id: string) => call("DELETE /v1/grouping-rules/:id", { id });

async function quietly(client: QueryClient, change: () => Promise<void>): Promise<boolean> {
  try {
    await change();
    return true;
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    toast(`The rules did not change. ${error.message}`, { bad: true });
    return false;
  } finally {
    await client.invalidateQueries({ queryKey: ["rules"] });
  }
}
