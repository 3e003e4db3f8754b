import type { REHEARSING } from "@prunella/contract/operations";
import type { Handlers } from "../handler.ts";

export const rehearsing: Handlers<typeof REHEARSING> = {
  rehearse: async ({ project, policy, against, since }, { kernel }) => ({
    rehearsal: kernel.rehearsals.start({ project: project ?? null, policy, against, since }),
  }),
  drill: async ({ project, trigger }, { kernel, by }) => ({ drill: await kernel.drills.run(project, trigger, by) }),
  test_trigger: async ({ project, trigger, since }, { kernel }) => ({
    test: await kernel.rehearsals.test({ projectId: project, triggerId: trigger, since: since ?? null }),
  }),
  read_rehearsal: async ({ id, project }, { kernel }) => ({ rehearsal: kernel.rehearsals.read(id, project ?? null) }),
};
