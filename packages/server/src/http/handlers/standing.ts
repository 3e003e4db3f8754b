import type { STANDING } from "@prunella/contract/operations";
import type { Handlers } from "../handler.ts";

export const standing: Handlers<typeof STANDING> = {
  list_pauses: async ({ project }, { kernel, sees }) => ({ pauses: await kernel.pauses.list({ project, sees }) }),
  pause: async ({ project, trigger, reason, until }, { kernel, by }) => ({
    pause: await kernel.pauses.add({ projectId: project, triggerId: trigger, reason, until }, by),
  }),
  lift_pause: async ({ id }, { kernel, by }) => ({
    pause: await kernel.pauses.lift(await kernel.pauses.resolveId(id), by),
  }),
  list_maintenance: async (_input, { kernel, sees }) => ({ windows: await kernel.maintenance.list(sees) }),
  add_maintenance: async ({ project, target, window, reason }, { kernel, by }) => ({
    window: await kernel.maintenance.add({ projectId: project ?? null, target, window, reason }, by),
  }),
  end_maintenance: async ({ id }, { kernel, by }) => ({
    window: await kernel.maintenance.end(await kernel.maintenance.resolveId(id), by),
  }),
};
