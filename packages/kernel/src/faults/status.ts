import type { Fault } from "@prunella/contract";
import type { Tables } from "../store/tables.ts";

export function toFault(row: Tables["fault"]): Fault {
  const { project_id, status, level, title, culprit, first_seen, last_seen, resolved_at, merged_into, version } = row;
  return {
    id: row.fault_id,
    project_id,
    status,
    level,
    title,
    culprit,
    count: row.count + row.merged_count,
    first_seen,
    last_seen,
    resolved_at,
    resolved_in_next_release: row.resolved_next === 1,
    snoozed_until: row.snoozed_until,
    snoozed_count: row.snoozed_count,
    assignee: row.assignee,
    merged_into,
    version,
  };
}
