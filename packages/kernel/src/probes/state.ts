import type { ProbeDetail, ProbeState } from "@prunella/contract";
import { z } from "zod";
import type { Tables } from "../store/tables.ts";
import { readChanges } from "./changes.ts";
import { toCells } from "./strip.ts";
import { isAnyOpen, Told } from "./told.ts";

export type ProbeRow = Tables["probe_state"];

const Measured = z.record(z.string(), z.number());
const Settings = z.record(z.string(), z.unknown());

export const toldOf = (row: { readonly told: string }): Told => Told.parse(JSON.parse(row.told));

export function toState(row: ProbeRow, now: number): ProbeState {
  return {
    project_id: row.project_id,
    name: row.name,
    kind: row.kind,
    target: row.target,
    status: row.status,
    category: row.category,
    detail: row.detail,
    since: row.since,
    told: isAnyOpen(toldOf(row)),
    every_ms: row.every_ms,
    timeout_ms: row.timeout_ms,
    failures_needed: row.failures_needed,
    failures: row.failures,
    checked_at: row.checked_at,
    next_due: row.due_at,
    measured: Measured.parse(JSON.parse(row.measured)),
    strip: toCells(row, now, null),
  };
}

export const toDetail = (row: ProbeRow, now: number): ProbeDetail => ({
  ...toState(row, now),
  settings: Settings.parse(JSON.parse(row.settings)),
  changes: readChanges(row.changes),
});
