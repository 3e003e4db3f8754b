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
  override_budget: async ({ project, trigger, extra, for_ms, reason }, { kernel, by }) => ({
    override: await kernel.pauses.override(
      { projectId: project, triggerId: trigger, extra, forMs: for_ms, reason },
      by,
    ),
  }),
  list_overrides: async ({ project }, { kernel, sees }) => ({
    overrides: await kernel.pauses.overrides({ project, sees }),
  }),
  list_sprints: ({ status }, { kernel, sees }) => kernel.sprints.list({ all: status === "all", sees }),
  read_sprint: async ({ id }, { kernel }) => ({
    sprint: await kernel.sprints.read(await kernel.sprints.resolveId(id)),
  }),
  close_sprint: async ({ id, reason }, { kernel, by }) => ({
    sprint: await kernel.sprints.close(await kernel.sprints.resolveId(id), { reason, by }),
  }),
  read_away: ({ project, since }, { kernel, sees }) =>
    kernel.away.look({ project: project ?? null, since: since ?? null, sees }),
  review_away: ({ project, since }, { kernel, sees, by }) =>
    kernel.away.review({ project: project ?? null, since: since ?? null, sees, by }),
};
