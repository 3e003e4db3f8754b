import type { FINDING } from "@prunella/contract/operations";
import type { Handlers } from "../handler.ts";

export const finding: Handlers<typeof FINDING> = {
  suggest_search: (asked, { kernel }) => kernel.faults.suggest(asked),
  list_views: async (_input, { kernel }) => ({ views: await kernel.views.list() }),
  add_view: async (given, { kernel }) => ({ view: await kernel.views.add(given) }),
  remove_view: ({ id }, { kernel }) => kernel.views.remove(id),
};
