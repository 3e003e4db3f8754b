import type { HEALING } from "@prunella/contract/operations";
import type { Handlers } from "../handler.ts";

export const healing: Handlers<typeof HEALING> = {
  list_attempts: async ({ fault, ...query }, { kernel }) =>
    kernel.attempts.list({
      ...query,
      faultIds: fault === undefined ? undefined : [await kernel.faults.resolveId(fault)],
    }),
  list_escalations: ({ status }, { kernel }) => kernel.escalations.list(status),
  decide_escalation: async ({ id, decision }, { kernel }) =>
    kernel.escalations.decide(await kernel.escalations.resolveId(id), decision),
  list_triggers: (query, { kernel }) => kernel.triggers.list(query),
  read_kill: (_input, { kernel }) => kernel.switches.read(),
  kill: (_input, { kernel }) => kernel.switches.kill(true),
  unkill: (_input, { kernel }) => kernel.switches.kill(false),
};
