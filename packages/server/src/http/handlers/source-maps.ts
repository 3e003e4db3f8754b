import type { SOURCE_MAPS } from "@prunella/contract/operations";
import type { Handlers } from "../handler.ts";

export const sourceMaps: Handlers<typeof SOURCE_MAPS> = {
  list_source_maps: async ({ project }, { kernel, sees }) => ({
    source_maps: (await kernel.sourceMaps.list(project)).filter(
      (map) => sees === null || sees.includes(map.project_id),
    ),
  }),
  add_source_map: async (given, { kernel }) => ({ source_map: await kernel.sourceMaps.add(given) }),
  remove_source_map: ({ id }, { kernel }) => kernel.sourceMaps.remove(id),
};
