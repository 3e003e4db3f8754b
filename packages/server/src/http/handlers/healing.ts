import type { HEALING } from "@prunella/contract/operations";
import type { Handlers } from "../handler.ts";

export const healing: Handlers<typeof HEALING> = {
  list_attempts: async ({ fault, ...query }, { kernel, sees }) =>
    kernel.attempts.list({
      ...query,
      sees,
      faultIds: fault === undefined ? undefined : [await kernel.faults.resolveId(fault)],
    }),
  list_escalations: ({ status }, { kernel, sees }) => kernel.escalations.list(status, sees),
  decide_escalation: async ({ id, decision, reason, for_ms: forMs, link }, { kernel, by }) =>
    kernel.escalations.decide(await kernel.escalations.resolveId(id), decision, by, { reason, forMs, link }),
  hold_escalation: async ({ id, hold, for_ms, link }, { kernel, by }) =>
    kernel.escalations.hold(await kernel.escalations.resolveId(id), { how: hold, forMs: for_ms ?? null, link }, by),
  list_triggers: (query, { kernel, sees }) => kernel.triggers.list({ ...query, sees }),
  show_trigger: ({ project, trigger }, { kernel }) => kernel.triggers.show(project, trigger),
  read_kill: (_input, { kernel }) => kernel.switches.read(),
  kill: (_input, { kernel, by }) => kernel.switches.kill(true, by),
  unkill: (_input, { kernel, by }) => kernel.switches.kill(false, by),
};
