import type { Engine } from "../../store/engine.ts";
import { rows } from "../../store/rows.ts";
import type { Run } from "./run.ts";

/**
 * A process that runs and does not do its work: a probe or a heartbeat of this target says so. What was found
 * before it was last started says nothing about it now.
 */
export async function isFoundIll(db: Engine["reader"], run: Run): Promise<boolean> {
  if (run.state !== "running") return false;
  const found = await rows<{ name: string }>(db)`
    select name from probe_state where project_id = ${run.project_id} and target = ${run.target}
      and status = 'unhealthy' and failures >= failures_needed and checked_at > ${run.since}
    union all
    select name from heartbeat where project_id = ${run.project_id} and target = ${run.target}
      and status = 'unhealthy' and since > ${run.since} and came_from <> 'sdk'
    limit 1`;
  return found.length > 0;
}
