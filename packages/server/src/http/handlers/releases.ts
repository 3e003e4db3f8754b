import type { RELEASES } from "@prunella/contract/operations";
import type { Handlers } from "../handler.ts";

export const releases: Handlers<typeof RELEASES> = {
  list_releases: async ({ project, limit }, { kernel, sees }) => ({
    releases: (await kernel.faults.releases(project, limit)).filter(
      (release) => sees === null || sees.includes(release.project_id),
    ),
  }),
  get_release: ({ project, version }, { kernel }) => kernel.faults.release(project, version),
};
