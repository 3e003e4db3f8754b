import type { HEALING } from "@prunella/contract/operations";
import type { Handlers } from "../handler.ts";

export const healing: Handlers<typeof HEALING> = {
  list_attempts: async ({ fault, ...query }, { kernel }) =>
    kernel.attempts.list({
      ...query,
      faultIds: fault === undefined ? undefined : [await kernel.faults.resolveId(fault)],
    }),
  list_escalations: ({ status }, { kernel }) => kernel.escalations.list(status),
  async decide_escalation({ id, decision }, { kernel }) {
    const escalation = await kernel.escalations.decide(await kernel.escalations.resolveId(id), decision);
    return { ...(await kernel.escalations.ruling(escalation)), escalation };
  },
  list_triggers: (_input, { kernel }) => kernel.triggers.list(),
  kill: (_input, { kernel }) => kernel.switches.kill(true),
  unkill: (_input, { kernel }) => kernel.switches.kill(false),
};
