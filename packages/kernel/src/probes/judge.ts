import type { Level, ProbeResult } from "@prunella/contract";
import { withChange } from "./changes.ts";
import { toldOf, type ProbeRow } from "./state.ts";
import { mark } from "./strip.ts";
import { isAnyOpen, mayTell, openOf, settled, type Finding } from "./told.ts";

/** Failures further apart than this are no row, unless it looks more seldom than that. */
const WINDOW_MS = 600_000;

/** What a look does to the probe's row, and whom it is told. */
export interface Judged {
  readonly row: ProbeRow;
  /** Told when the row is written, in one unit with it. */
  readonly tell: Finding | null;
  /** Told categories that are over. */
  readonly recovered: readonly string[];
}

/**
 * Pure: what one look means, from what was found before. `unknown` says nothing about what is watched, so it
 * neither counts as a failure nor ends a row of them. `severity` is that of the kind.
 */
export function judge(row: ProbeRow, found: ProbeResult, now: number, severity: "error" | "warning"): Judged {
  const { status, category, detail } = found;
  const isBad = status === "unhealthy" || status === "degraded";
  const told = toldOf(row);
  const isRow = row.checked_at !== null && now - row.checked_at <= Math.max(WINDOW_MS, 3 * row.every_ms);
  const failures = status === "unknown" ? row.failures : isBad ? (isRow ? row.failures : 0) + 1 : 0;
  const isChange = row.status !== status || row.category !== category;
  const next: ProbeRow = {
    ...row,
    status,
    category,
    detail,
    measured: JSON.stringify(found.measured),
    since: row.status === status && row.checked_at !== null ? row.since : now,
    failures,
    checked_at: now,
    ...mark(row, status, now, null),
    changes: isChange ? withChange(row.changes, { at: now, status, category, detail }) : row.changes,
  };
  const isBypassed = row.critical_bypass === 1 && status === "unhealthy";
  if (isBad && (failures >= row.failures_needed || isBypassed) && mayTell(told, category, now, false)) {
    const level: Level = status === "degraded" ? "warning" : severity;
    const tell: Finding = {
      watch: "probe",
      name: row.name,
      target: row.target,
      status,
      errorClass: `ProbeFailed.${category}`,
      category,
      detail,
      level,
      at: now,
      context: { probe: { kind: row.kind, status, failures, measured: found.measured } },
    };
    return {
      row: { ...next, told: JSON.stringify({ ...told, [category]: { at: now, isOpen: true } }) },
      tell,
      recovered: [],
    };
  }
  if (status === "healthy" && isAnyOpen(told)) return { row: next, tell: null, recovered: openOf(told) };
  return {
    row: isAnyOpen(told) || row.told === "{}" ? next : { ...next, told: JSON.stringify(settled(told, now)) },
    tell: null,
    recovered: [],
  };
}
