import type { RULES } from "@prunella/contract/operations";
import type { Handlers } from "../handler.ts";

export const rules: Handlers<typeof RULES> = {
  list_rules: async (_input, { kernel, sees }) => ({
    rules: (await kernel.rules.list()).filter((rule) => sees === null || sees.includes(rule.project_id)),
  }),
  add_rule: async (given, { kernel, by }) => ({ rule: await kernel.rules.add(given, by) }),
  remove_rule: ({ id }, { kernel, by }) => kernel.rules.remove(id, by),
};
