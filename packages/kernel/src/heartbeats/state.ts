import type { HeartbeatDetail, HeartbeatState } from "@prunella/contract";
import { readChanges } from "../probes/changes.ts";
import { toldOf } from "../probes/state.ts";
import { toCells } from "../probes/strip.ts";
import { isAnyOpen } from "../probes/told.ts";
import type { Tables } from "../store/tables.ts";

export type HeartbeatRow = Tables["heartbeat"];

/** What an SDK sends, anybody can send who knows the address that is in its page. */
export const isPublic = (row: HeartbeatRow): boolean => row.came_from === "sdk";

export function toState(row: HeartbeatRow, now: number): HeartbeatState {
  return {
    project_id: row.project_id,
    name: row.name,
    target: row.target,
    status: row.status,
    category: row.category,
    detail: row.detail,
    since: row.since,
    told: isAnyOpen(toldOf(row)),
    from: row.came_from,
    has_key: row.key_sha256 !== null,
    every_ms: row.every_ms,
    cron: row.cron,
    time_zone: row.time_zone,
    grace_ms: row.grace_ms,
    max_runtime_ms: row.max_runtime_ms,
    heard_at: row.heard_at,
    started_at: row.started_at,
    took_ms: row.took_ms,
    next_due: row.due_at,
    // Between two signs of life it is what the last one said.
    strip: toCells(row, now, row.heard_at === null ? null : row.status),
  };
}

export const toDetail = (row: HeartbeatRow, now: number): HeartbeatDetail => ({
  ...toState(row, now),
  said: row.said,
  changes: readChanges(row.changes),
});
