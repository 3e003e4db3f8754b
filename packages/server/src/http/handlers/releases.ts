import type { RELEASES } from "@prunella/contract/operations";
import type { Handlers } from "../handler.ts";

export const releases: Handlers<typeof RELEASES> = {
  list_releases: async ({ project, limit }, { kernel }) => ({ releases: await kernel.faults.releases(project, limit) }),
  get_release: ({ project, version }, { kernel }) => kernel.faults.release(project, version),
};
