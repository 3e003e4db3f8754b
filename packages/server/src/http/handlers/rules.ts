import type { RULES } from "@prunella/contract/operations";
import type { Handlers } from "../handler.ts";

export const rules: Handlers<typeof RULES> = {
  list_rules: async (_input, { kernel }) => ({ rules: await kernel.rules.list() }),
  add_rule: async (given, { kernel }) => ({ rule: await kernel.rules.add(given) }),
  remove_rule: ({ id }, { kernel }) => kernel.rules.remove(id),
};
