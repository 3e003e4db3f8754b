import { sql } from "kysely";
import { shareOf, type Tidying } from "../nodes/housekeeping.ts";
import { listProjects } from "../projects/projects.ts";
import { STEP_ROWS, type PolicyOf } from "./policy.ts";
import { removeFault } from "./remove-fault.ts";

/** Resolved and muted faults that nobody has met for long go. */
export const expiredFaults = (policyOf: PolicyOf, most = STEP_ROWS): Tidying => ({
  name: "expired_faults",
  async step(tx, now, share = 1) {
    const limit = shareOf(most, share);
    for (const { project_id: projectId } of await listProjects(tx.db, now)) {
      // The condition of the index stands there word for word.
      const { rows } = await sql<{ fault_id: string }>`select fault_id from fault
        where project_id = ${projectId} and status in ('resolved', 'muted') and merged_into is null
        and last_seen < ${now - policyOf(projectId).faults_ms} order by last_seen limit 1`.execute(tx.db);
      const [fault] = rows;
      if (!fault) continue;
      await removeFault(tx, { projectId, faultId: fault.fault_id }, now, "retention.age.fault", limit);
      return true;
    }
    return false;
  },
});
