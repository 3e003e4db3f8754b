import type { APPROVALS } from "@prunella/contract/operations";
import type { Handlers } from "../handler.ts";

export const approvals: Handlers<typeof APPROVALS> = {
  list_approvals: async ({ status }, { kernel, sees }) => ({
    approvals: await kernel.approvals.list(status === "all", sees),
  }),
  approve: async ({ id, project, trigger, for_ms, ...asked }, { kernel, by }) => ({
    approval: await kernel.approvals.give(
      { ...asked, id: id ?? null, projectId: project, triggerId: trigger, forMs: for_ms ?? null },
      by,
    ),
  }),
  withdraw_approval: async ({ id }, { kernel, by }) => ({
    approval: await kernel.approvals.withdraw(await kernel.approvals.resolveId(id), by),
  }),
};
