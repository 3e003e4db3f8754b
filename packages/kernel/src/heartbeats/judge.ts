import type { ProbeStatus } from "@prunella/contract";
import type { Calendar } from "../ports.ts";
import { withChange } from "../probes/changes.ts";
import { toldOf } from "../probes/state.ts";
import { mark } from "../probes/strip.ts";
import { DEBOUNCE_MS, isAnyOpen, mayTell, openOf, settled, type Finding } from "../probes/told.ts";
import { dueAfter, runDueAfter } from "./schedule.ts";
import { isPublic, type HeartbeatRow } from "./state.ts";

/** What a sign of life says. */
export type Beat =
  | { readonly kind: "ok" | "start" | "fail"; readonly tookMs?: number | undefined }
  | { readonly kind: "exit"; readonly code: number };

export interface Judged {
  readonly row: HeartbeatRow;
  readonly tell: Finding | null;
  /** Told categories that are over. */
  readonly recovered: readonly string[];
}

type Ports = Pick<Calendar, "nextBegin">;

/** Told again when this long after a recovery its fault could not be resolved yet. */
export const RESOLVE_AGAIN_MS = 5_000;

/** Pure: what a sign of life means. `said` is scrubbed already. */
export function heard(calendar: Ports, row: HeartbeatRow, beat: Beat, said: string, now: number): Judged {
  if (beat.kind === "start") {
    // A beginning says that it lives, not that it is well: what it was before stays until it ends.
    const due = runDueAfter(calendar, row, now);
    return quiet({ ...row, heard_at: now, started_at: now, said, due_at: due, look_at: due });
  }
  const due = dueAfter(calendar, row, now);
  const took = beat.kind === "exit" ? undefined : beat.tookMs;
  const next: HeartbeatRow = {
    ...row,
    heard_at: now,
    started_at: null,
    // A clock that was set back tells no time.
    took_ms: took ?? (row.started_at === null ? null : Math.max(0, now - row.started_at)),
    said,
    due_at: due,
    look_at: due,
  };
  if (beat.kind === "ok" || (beat.kind === "exit" && beat.code === 0)) return well(next, now);
  const detail = beat.kind === "exit" ? `It ended with exit code ${beat.code}.` : "It says that it failed.";
  return bad(next, { category: "failed", errorClass: "HeartbeatFailed", detail, now });
}

/** Pure: the moment came at which somebody was to look. */
export function silent(row: HeartbeatRow, now: number): Judged {
  if (row.status === "healthy" && isAnyOpen(toldOf(row)) && (row.due_at === null || row.due_at > now))
    return {
      row: { ...row, look_at: row.due_at },
      tell: null,
      recovered: openOf(toldOf(row)),
    };
  const isOverdue = row.due_at !== null && row.due_at <= now;
  if (!isOverdue && row.status !== "unhealthy") return quiet({ ...row, look_at: row.due_at });
  if (!isOverdue && row.due_at !== null && row.due_at > now && row.category === "failed")
    // Told or not, it is looked at again when it is due: a moment that is past would have it written every second.
    return bad(
      { ...row, look_at: row.due_at },
      { category: row.category, errorClass: "HeartbeatFailed", detail: row.detail, now },
    );
  const category = (isOverdue ? row.started_at !== null && row.max_runtime_ms !== null : row.category === "overrun")
    ? "overrun"
    : "missed";
  const detail =
    category === "overrun" ? "It began and did not say in time that it ended." : "Nothing was heard of it in time.";
  const next = { ...row, due_at: null, look_at: null };
  return bad(next, { category, errorClass: "HeartbeatMissed", detail, now });
}

const quiet = (row: HeartbeatRow): Judged => ({ row, tell: null, recovered: [] });

function well(row: HeartbeatRow, now: number): Judged {
  const told = toldOf(row);
  const next = stand(row, "healthy", "ok", "It is heard in time.", now);
  if (isAnyOpen(told)) return { row: next, tell: null, recovered: openOf(told) };
  return quiet({ ...next, told: row.told === "{}" ? row.told : JSON.stringify(settled(told, now)) });
}

function bad(
  row: HeartbeatRow,
  { category, errorClass, detail, now }: { category: string; errorClass: string; detail: string; now: number },
): Judged {
  const told = toldOf(row);
  const next = stand(row, "unhealthy", category, detail, now);
  if (!mayTell(told, category, now, isPublic(row))) {
    const before = told[category];
    // Told a moment ago and well since: it is looked at again when it may be told.
    const again = before === undefined || before.isOpen ? null : before.at + DEBOUNCE_MS;
    const at = again === null ? next.look_at : Math.min(again, next.look_at ?? again);
    return quiet({ ...next, look_at: at });
  }
  const tell: Finding = {
    watch: "heartbeat",
    name: row.name,
    target: row.target,
    status: "unhealthy",
    errorClass,
    category,
    detail,
    level: "error",
    at: now,
    context: { heartbeat: { heard_at: row.heard_at, said: row.said } },
  };
  return {
    row: { ...next, told: JSON.stringify({ ...told, [category]: { at: now, isOpen: true } }) },
    tell,
    recovered: [],
  };
}

function stand(row: HeartbeatRow, status: ProbeStatus, category: string, detail: string, now: number): HeartbeatRow {
  const isChange = row.status !== status || row.category !== category;
  return {
    ...row,
    status,
    category,
    detail,
    since: row.status === status ? row.since : now,
    ...mark(row, status, now, row.heard_at === null ? null : row.status),
    changes: isChange ? withChange(row.changes, { at: now, status, category, detail }) : row.changes,
  };
}
