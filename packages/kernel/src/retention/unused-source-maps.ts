import { tally } from "../ledger/tally.ts";
import type { Tidying } from "../nodes/housekeeping.ts";
import { listProjects } from "../projects/projects.ts";
import { dropLeastUsed } from "../sourcemaps/unused.ts";
import type { PolicyOf } from "./policy.ts";

/** Source maps that no event has needed for long, one a step. */
export const unusedSourceMaps = (policyOf: PolicyOf): Tidying => ({
  name: "unused_source_maps",
  async step(tx, now) {
    for (const { project_id: projectId } of await listProjects(tx.db, now)) {
      if (!(await dropLeastUsed(tx, projectId, now - policyOf(projectId).source_maps_ms))) continue;
      await tally(tx, projectId, "retention.age.source_map", now);
      return true;
    }
    return false;
  },
});
