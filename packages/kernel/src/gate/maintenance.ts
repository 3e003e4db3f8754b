import { createHash } from "node:crypto";
import { ActionWindow, Actor, PrunellaError, type Maintenance } from "@prunella/contract";
import type { NewId } from "../ids.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import { canonicalJson } from "../ledger/canonical-json.ts";
import type { Calendar } from "../ports.ts";
import type { Engine, Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { assertWindow, closesAt, endOf, mayOpen } from "./windows.ts";

type Row = Tables["maintenance"];
const ALL = "*";

export interface NewMaintenance {
  /** null: of all. */
  readonly projectId: string | null;
  /** null: all of them. */
  readonly target: string | null;
  readonly window: ActionWindow;
  readonly reason: string;
}

/** While its window is open policy does nothing about the target, and asks nobody. */
export async function addMaintenance(
  tx: Tx,
  given: NewMaintenance & {
    readonly now: number;
    readonly newId: NewId;
    readonly by: Actor;
    readonly calendar: Calendar;
  },
): Promise<Row> {
  const { now, projectId, target, window, reason, by } = given;
  assertWindow(window, given.calendar);
  if (!mayOpen(window, now))
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "The window is over already." });
  await lockHead(tx);
  const spec = canonicalJson({ ...window });
  const windowId = given.newId();
  const auditLogId = await appendLedger(tx, {
    v: 1,
    at: now,
    type: "maintenance_changed",
    project: projectId,
    window: windowId,
    target,
    change: "added",
    window_sha256: digestOf(spec),
    by,
  });
  const row: Row = {
    project_id: projectId ?? ALL,
    window_id: windowId,
    target: target ?? "",
    spec,
    reason,
    owner: JSON.stringify(by),
    created_at: now,
    closes_at: endOf(window),
    ended_at: null,
    audit_log_id: auditLogId,
  };
  await tx.db.insertInto("maintenance").values(row).execute();
  return row;
}

/** It never opens again. */
export async function endMaintenance(tx: Tx, now: number, windowId: string, by: Actor): Promise<Row> {
  await lockHead(tx);
  const row = await tx.db
    .updateTable("maintenance")
    .set({ ended_at: now })
    .where("window_id", "=", windowId)
    .where("ended_at", "is", null)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such window, or it was ended." });
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "maintenance_changed",
    project: row.project_id === ALL ? null : row.project_id,
    window: windowId,
    target: row.target === "" ? null : row.target,
    change: "ended",
    window_sha256: digestOf(row.spec),
    by,
  });
  return row;
}

/** Those that somebody made and that may open again, in the order of their making. */
export async function listMaintenance(
  db: Engine["reader"],
  given: { readonly now: number; readonly calendar: Calendar; readonly sees?: readonly string[] | null },
): Promise<Maintenance[]> {
  let query = db
    .selectFrom("maintenance")
    .selectAll()
    .where("ended_at", "is", null)
    .where(({ or, eb }) => or([eb("closes_at", "is", null), eb("closes_at", ">", given.now)]));
  if (given.sees) query = query.where("project_id", "in", [ALL, ...given.sees]);
  const found = await query.orderBy("window_id").limit(500).execute();
  return found.map((row) => toMaintenance(row, given.now, given.calendar));
}

export function toMaintenance(row: Row, now: number, calendar: Calendar): Maintenance {
  const window = ActionWindow.parse(JSON.parse(row.spec));
  return {
    id: row.window_id,
    project_id: row.project_id === ALL ? null : row.project_id,
    target: row.target === "" ? null : row.target,
    window,
    reason: row.reason,
    owner: Actor.parse(JSON.parse(row.owner)),
    created_at: row.created_at,
    open_until: row.ended_at === null ? closesAt(window, now, calendar) : null,
    audit_log_id: row.audit_log_id,
  };
}

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");
