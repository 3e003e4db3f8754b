import { Actor, FaultStatus, PrunellaError, type FaultChange } from "@prunella/contract";
import { z } from "zod";
import type { Engine, Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";

/** What people say about a fault changes this and nothing else of it. */
export const Standing = z.object({
  status: FaultStatus,
  resolved_at: z.number().nullable(),
  resolved_next: z.number(),
  snoozed_until: z.number().nullable(),
  snoozed_count: z.number().nullable(),
  assignee: z.string().nullable(),
});
export type Standing = z.infer<typeof Standing>;

/** Of a fault; the oldest goes first. */
const MOST_KEPT = 200;
/** On its page. */
const MOST_SHOWN = 100;

export const standingOf = (row: Tables["fault"]): Standing => Standing.parse(row);

export async function writeChange(given: {
  readonly tx: Tx;
  readonly row: Pick<Tables["fault"], "project_id" | "fault_id">;
  readonly change: string;
  readonly now: number;
  readonly by: Actor;
  readonly action: FaultChange["action"];
  readonly text?: string | null;
  readonly nextRelease?: boolean;
  readonly until?: number | null;
  readonly events?: number | null;
  readonly before?: Standing;
}): Promise<void> {
  const { tx, row, before } = given;
  const { project_id, fault_id } = row;
  await tx.db
    .insertInto("fault_change")
    .values({
      project_id,
      change_id: given.change,
      fault_id,
      at: given.now,
      by_actor: JSON.stringify(given.by),
      action: given.action,
      text: given.text ?? null,
      next_release: given.nextRelease === true ? 1 : 0,
      until: given.until ?? null,
      events: given.events ?? null,
      before: before === undefined ? null : JSON.stringify(before),
      undone_at: null,
    })
    .execute();
  const last = await changesOf(tx.db, { projectId: project_id, ids: [fault_id] })
    .select("change_id")
    .offset(MOST_KEPT)
    .limit(1)
    .executeTakeFirst();
  if (last)
    await tx.db
      .deleteFrom("fault_change")
      .where("project_id", "=", project_id)
      .where("fault_id", "=", fault_id)
      .where("change_id", "<=", last.change_id)
      .execute();
}

/** A change, and whether it is the last of its kind that still holds: assignments and states do not touch each other. */
export async function readChange(
  tx: Tx,
  changeId: string,
): Promise<{ change: Tables["fault_change"]; isLast: boolean }> {
  const change = await tx.db
    .selectFrom("fault_change")
    .selectAll()
    .where("change_id", "=", changeId)
    .executeTakeFirst();
  if (!change) throw noChange();
  if (change.action === "note") return { change, isLast: true };
  const later = await changesOf(tx.db, { projectId: change.project_id, ids: [change.fault_id] })
    .select("change_id")
    .where("change_id", ">", changeId)
    .where("undone_at", "is", null)
    .where(
      "action",
      change.action === "assign" ? "in" : "not in",
      change.action === "assign" ? ["assign"] : ["assign", "note"],
    )
    .limit(1)
    .executeTakeFirst();
  return { change, isLast: later === undefined };
}

export async function projectOfChange(db: Engine["reader"], changeId: string): Promise<string> {
  const row = await db
    .selectFrom("fault_change")
    .select("project_id")
    .where("change_id", "=", changeId)
    .executeTakeFirst();
  if (!row) throw noChange();
  return row.project_id;
}

const noChange = (): PrunellaError =>
  new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such change, or it is not kept any more." });

/** What people said, the newest first; of faults that were merged here too. */
export async function listChanges(
  db: Engine["reader"],
  group: { readonly projectId: string; readonly ids: readonly string[] },
): Promise<FaultChange[]> {
  const rows = await changesOf(db, group).selectAll().limit(MOST_SHOWN).execute();
  return rows.map((row) => ({
    id: row.change_id,
    at: row.at,
    by: Actor.parse(JSON.parse(row.by_actor)),
    action: row.action,
    text: row.text,
    in_next_release: row.next_release === 1,
    until: row.until,
    events: row.events,
    undone_at: row.undone_at,
  }));
}

/** Ids count up with time. */
const changesOf = (db: Engine["reader"], { projectId, ids }: { projectId: string; ids: readonly string[] }) =>
  db
    .selectFrom("fault_change")
    .where("project_id", "=", projectId)
    .where("fault_id", "in", ids)
    .orderBy("change_id", "desc");
