import type { FINDING } from "@prunella/contract/operations";
import type { Handlers } from "../handler.ts";

export const finding: Handlers<typeof FINDING> = {
  suggest_search: (asked, { kernel, sees, caller }) => kernel.faults.suggest(asked, sees, caller?.person?.name ?? null),
  list_views: async (_input, { kernel, sees }) => ({
    // A view is everybody's, but for one of a project that is not.
    views: (await kernel.views.list()).filter(
      ({ filter }) => sees === null || filter.project === undefined || sees.includes(filter.project),
    ),
  }),
  add_view: async (given, { kernel }) => ({ view: await kernel.views.add(given) }),
  remove_view: ({ id }, { kernel }) => kernel.views.remove(id),
};
