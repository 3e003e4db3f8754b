import type { FAULTS } from "@prunella/contract/operations";
import type { Context, Handlers } from "../handler.ts";

/** Ids come as people type them. */
const idOf = ({ kernel }: Context, typed: string) => kernel.faults.resolveId(typed);

export const faults: Handlers<typeof FAULTS> = {
  list_faults: (query, { kernel, sees, caller }) => kernel.faults.list(query, sees, caller?.person?.name ?? null),
  get_fault: async ({ id }, context) => context.kernel.faults.detail(await idOf(context, id)),
  get_event: async ({ id, event }, context) => context.kernel.faults.sample(await idOf(context, id), event),
  explain_fault: async ({ id }, context) => context.kernel.faults.explain(await idOf(context, id)),
  fault_trend: async ({ id, range }, context) => context.kernel.faults.trend(await idOf(context, id), range),
  fault_users: async ({ id }, context) => context.kernel.faults.users(await idOf(context, id)),
  merge_faults: async ({ id, fault }, context) =>
    context.kernel.faults.merge(await idOf(context, id), await idOf(context, fault), context.by),
  unmerge_fault: async ({ id }, context) => context.kernel.faults.unmerge(await idOf(context, id), context.by),
  erase_fault: ({ id }, { kernel, by }) => kernel.faults.erase(id, by),
};
