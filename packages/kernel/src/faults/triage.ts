import { PrunellaError, type Actor, type Fault, type Triage } from "@prunella/contract";
import { scrubAndCut, scrubLabel } from "@prunella/scrub";
import type { NewId } from "../ids.ts";
import { happen } from "../notify/events.ts";
import { appendLedger } from "../ledger/append.ts";
import { isAnyReleaseKnown } from "../releases/seen.ts";
import type { Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { dropWork, setWork } from "../work/kind.ts";
import { readChange, Standing, standingOf, writeChange } from "./changes.ts";
import { toFault } from "./status.ts";
import { WAKE, wakeName } from "./work.ts";

const ASSIGNEE_MAX = 100;
const NOTE_MAX = 4_000;
/** Longer than any of us looks ahead; what is meant for ever is muted. */
const SNOOZE_MAX_MS = 366 * 24 * 3_600_000;

/** What came of it: the fault, and by which id it can be taken back. */
export interface Triaged {
  readonly fault: Fault;
  readonly change: string;
}

export interface TriageBy {
  readonly now: number;
  readonly newId: NewId;
  readonly by: Actor;
}

/** Carries out what a person says about a fault, and keeps what the fault had before. */
export async function triageFault(tx: Tx, given: TriageBy, faultId: string, triage: Triage): Promise<Triaged> {
  const { now, newId, by } = given;
  const row = await readRow(tx, faultId);
  const change = newId();
  const kept = { tx, row, change, now, by, action: triage.action };
  switch (triage.action) {
    case "note": {
      const text = scrubAndCut(triage.text.trim(), NOTE_MAX).value;
      if (text === "") throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "The note says nothing." });
      await writeChange({ ...kept, text });
      return { fault: toFault(await put(tx, row, {})), change };
    }
    case "assign": {
      const named = triage.assignee === null ? "" : scrubLabel(triage.assignee, ASSIGNEE_MAX).value;
      const assignee = named === "" ? null : named;
      await writeChange({ ...kept, text: assignee, before: standingOf(row) });
      return { fault: toFault(await put(tx, row, { assignee })), change };
    }
    default: {
      const standing = await standingAfter(tx, row, triage, now);
      const { snoozed_until: until } = standing;
      await writeChange({
        ...kept,
        before: standingOf(row),
        nextRelease: standing.resolved_next === 1,
        until,
        events: triage.action === "snooze" ? (triage.events ?? null) : null,
      });
      if (triage.action === "resolve")
        happen(tx, newId, { projectId: row.project_id, type: "fault.resolved", subject: row.fault_id, at: now });
      return { fault: await stand(tx, row, standing, { now, by }), change };
    }
  }
}

/**
 * Gives a fault back what it had before a change, as long as nobody has said something of the same kind
 * about it since. What events did to it meanwhile goes too: they would have met what it has again now.
 */
export async function undoChange(tx: Tx, { now, by }: TriageBy, changeId: string): Promise<Triaged> {
  const { change, isLast } = await readChange(tx, changeId);
  const refuse = (detail: string) => new PrunellaError("PRUNELLA_CONFLICT", { detail });
  if (change.undone_at !== null) throw refuse("That has been taken back already.");
  if (!isLast) throw refuse("Something was said about this fault after that. Take that back first.");
  const row = await readRow(tx, change.fault_id);
  await tx.db
    .updateTable("fault_change")
    // A note that is taken back may have said what it should not have.
    .set({ undone_at: now, ...(change.action === "note" ? { text: null } : {}) })
    .where("project_id", "=", row.project_id)
    .where("change_id", "=", changeId)
    .execute();
  if (change.before === null) return { fault: toFault(await put(tx, row, {})), change: changeId };
  const before = Standing.parse(JSON.parse(change.before));
  const fault =
    change.action === "assign"
      ? toFault(await put(tx, row, { assignee: before.assignee }))
      : await stand(tx, row, { ...before, assignee: row.assignee }, { now, by });
  return { fault, change: changeId };
}

async function standingAfter(
  tx: Tx,
  row: Tables["fault"],
  triage: Exclude<Triage, { action: "note" | "assign" }>,
  now: number,
): Promise<Standing> {
  const plain: Standing = {
    status: "open",
    resolved_at: null,
    resolved_next: 0,
    snoozed_until: null,
    snoozed_count: null,
    assignee: row.assignee,
  };
  switch (triage.action) {
    case "reopen":
      return plain;
    case "mute":
      return { ...plain, status: "muted" };
    case "resolve":
      if (triage.in_next_release && !(await isAnyReleaseKnown(tx.db, row.project_id)))
        throw new PrunellaError("PRUNELLA_CONFLICT", {
          detail: "No event of this project names a release, so nothing would tell the next one.",
          hint: "Resolve it now, or set `release` in the SDK.",
        });
      return { ...plain, status: "resolved", resolved_at: now, resolved_next: triage.in_next_release ? 1 : 0 };
    case "snooze": {
      const { until, events } = triage;
      if (until === undefined && events === undefined)
        throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "A snooze needs `until`, `events` or both." });
      if (until !== undefined && (until <= now || until > now + SNOOZE_MAX_MS))
        throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
          detail: "A snooze ends in the future, within a year from now.",
          hint: "For ever is `mute`.",
        });
      return {
        ...plain,
        status: "muted",
        snoozed_until: until ?? null,
        snoozed_count: events === undefined ? null : row.count + row.merged_count + events,
      };
    }
  }
}

/** Makes it so, has the end of a snooze come by itself, and writes it into the ledger. */
async function stand(
  tx: Tx,
  row: Tables["fault"],
  standing: Standing,
  { now, by }: { now: number; by: Actor },
): Promise<Fault> {
  // One that comes back is told again in which release.
  const changed = await put(tx, row, {
    ...standing,
    ...(standing.status === "resolved" ? { regressed_in: null } : {}),
  });
  const { status, snoozed_until: until, snoozed_count: untilCount } = standing;
  const name = wakeName(row.fault_id);
  if (until === null) dropWork(tx, row.project_id, name);
  else
    setWork(tx, name, {
      kind: WAKE,
      projectId: row.project_id,
      dueAt: until,
      payload: { fault: row.fault_id },
    });
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "fault_status",
    project: row.project_id,
    fault: row.fault_id,
    status,
    ...(standing.resolved_next === 1 ? { next_release: true } : {}),
    ...(until === null ? {} : { until }),
    ...(untilCount === null ? {} : { until_count: untilCount }),
    by,
  });
  return toFault(changed);
}

async function readRow(tx: Tx, faultId: string): Promise<Tables["fault"]> {
  const row = await tx.db.selectFrom("fault").selectAll().where("fault_id", "=", faultId).executeTakeFirst();
  if (!row) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such fault." });
  return row;
}

function put(tx: Tx, { project_id, fault_id }: Tables["fault"], values: Partial<Tables["fault"]>) {
  return tx.db
    .updateTable("fault")
    .set(({ eb }) => ({ ...values, version: eb("version", "+", 1) }))
    .where("project_id", "=", project_id)
    .where("fault_id", "=", fault_id)
    .returningAll()
    .executeTakeFirstOrThrow();
}
