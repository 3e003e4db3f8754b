import { PrunellaError, type Actor } from "@prunella/contract";
import { appendLedger } from "../ledger/append.ts";
import type { Tx } from "../store/engine.ts";
import type { ProjectRow } from "./projects.ts";

/** A night and a day: who deleted the wrong one finds out. */
export const GRACE_MS = 24 * 3_600_000;

interface Change {
  readonly row: ProjectRow;
  readonly now: number;
  readonly by: Actor;
}

/** Until the grace is over everything goes on, so that taking it back loses nothing. */
export async function beginDeletion(
  tx: Tx,
  { row, now, confirm, by }: Change & { readonly confirm: string },
): Promise<void> {
  const { project_id: id } = row;
  if (confirm !== id)
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
      detail: `The confirmation is not the project's id.`,
      hint: `Give ${id}.`,
    });
  if (row.deletes_at !== null)
    throw new PrunellaError("PRUNELLA_CONFLICT", { detail: `The project ${id} is being deleted already.` });
  const others = await tx.db
    .selectFrom("project")
    .select("project_id")
    .where("project_id", "<>", id)
    .where("deletes_at", "is", null)
    .executeTakeFirst();
  if (!others)
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail: `${id} is the last project.`,
      hint: "Add another one first: something must own what comes in.",
    });
  const running = await tx.db
    .selectFrom("supervised")
    .select("target")
    .where("project_id", "=", id)
    .where("state", "<>", "gone")
    .orderBy("target")
    .executeTakeFirst();
  if (running)
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail: `${running.target} is supervised in the project ${id}.`,
      hint: "Take it out of the configuration, or end what supervises it, first: prunella programs",
    });
  await tx.db
    .updateTable("project")
    .set({ deletes_at: now + GRACE_MS })
    .where("project_id", "=", id)
    .execute();
  await appendLedger(tx, { v: 1, at: now, type: "project_changed", project: id, change: "deletion_begun", by });
}

export async function undoDeletion(tx: Tx, { row, now, by }: Change): Promise<void> {
  const { project_id: id } = row;
  if (row.deletes_at === null)
    throw new PrunellaError("PRUNELLA_CONFLICT", { detail: `The project ${id} is not being deleted.` });
  await tx.db.updateTable("project").set({ deletes_at: null }).where("project_id", "=", id).execute();
  await appendLedger(tx, { v: 1, at: now, type: "project_changed", project: id, change: "deletion_undone", by });
}
