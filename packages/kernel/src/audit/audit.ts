import { AuditRow } from "@prunella/contract";
import type { Scrubber } from "@prunella/scrub";
import type { NewId } from "../ids.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface AuditDeps {
  readonly newId: NewId;
  readonly scrubText: Scrubber["scrubText"];
}

/** An audit row about to be written; `about` is the attempt or escalation that it speaks of. What `details` holds is the schema's to say. */
export type NewAudit = Pick<AuditRow, "seam" | "caller_session_id" | "source"> & {
  readonly details: object;
  readonly projectId: string;
  readonly about: string | null;
};

/**
 * Writes an audit row in the caller's unit. Reasons and summaries are kept as they were given, after the
 * scrubber; the schema is held against what is then left, so that a row which nobody can read is never written.
 */
export function addAudit(tx: Tx, { newId, scrubText }: AuditDeps, now: number, given: NewAudit): void {
  const { projectId, about, ...said } = given;
  const row = AuditRow.parse({
    ...said,
    caller_session_id: scrubText(said.caller_session_id).text.value,
    details: scrubEach(said.details, scrubText),
  });
  const status = row.seam === "probe.investigation_completed" ? row.details.dm_status : null;
  const { seam, caller_session_id, source, details } = row;
  tx.later(rows(
    tx.db,
  )`insert into audit_event (project_id, event_id, emitted_at, seam, caller_session_id, source, about, dm_status, details)
    values (${projectId}, ${newId()}, ${now}, ${seam}, ${caller_session_id}, ${source}, ${about}, ${status}, ${JSON.stringify(details)})`);
}

/** A value with each of its texts scrubbed, as JSON; a schema says again what it is. */
export const scrubEach = (value: unknown, scrubText: AuditDeps["scrubText"]): unknown =>
  eachText(toJson(value), (text) => scrubText(text).text.value);

const toJson = (value: unknown): Json => JSON.parse(JSON.stringify(value));

function eachText(value: Json, clean: (text: string) => string): Json {
  if (typeof value === "string") return clean(value);
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map((one) => eachText(one, clean));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, eachText(one, clean)]));
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
