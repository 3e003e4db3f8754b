import { Decision, Level, Source, Trust } from "@prunella/contract";
import { sql } from "kysely";
import { z } from "zod";
import type { NewId } from "../ids.ts";
import { skipLocked } from "./dialect.ts";
import type { Engine, Tx } from "./engine.ts";

/** What waits to be done; a row of our own, because it must commit together with budgets and the ledger. */
export const Work = z.discriminatedUnion("kind", [
  /** A trigger's condition held: ask the gate. */
  z.strictObject({
    kind: z.literal("evaluate"),
    trigger: z.string(),
    fault: z.string().nullable(),
    target: z.string(),
    cause: z.strictObject({ source: Source, trust: Trust, level: Level }),
    count: z.int().min(1),
  }),
  /** A person decided: ask the gate with their authority. */
  z.strictObject({ kind: z.literal("decided"), escalation: z.string(), decision: Decision }),
  /** A permit's time is over. */
  z.strictObject({ kind: z.literal("expire"), attempt: z.string() }),
  /** An effect that was started should have reported by now. */
  z.strictObject({ kind: z.literal("abandon"), attempt: z.string() }),
  /** The quiet watch is over. */
  z.strictObject({ kind: z.literal("verify"), attempt: z.string() }),
  /** Nobody decided: the default takes effect. */
  z.strictObject({ kind: z.literal("default"), escalation: z.string() }),
]);
export type Work = z.infer<typeof Work>;

export interface Claimed {
  readonly projectId: string;
  readonly workId: string;
  readonly fence: number;
  readonly work: Work;
}

/** A claimed item that is not finished within this time may be claimed again. */
const LEASE_MS = 30_000;

export async function addWork(tx: Tx, newId: NewId, projectId: string, dueAt: number, work: Work): Promise<void> {
  await tx.db
    .insertInto("work")
    .values({
      project_id: projectId,
      work_id: newId(),
      kind: work.kind,
      payload: JSON.stringify(work),
      due_at: dueAt,
      leased_until: 0,
      fence: 0,
    })
    .execute();
}

/** Takes up to `limit` due items, oldest first, each with a fencing token that `finishWork` checks. */
export async function claimWork(tx: Tx, now: number, limit: number): Promise<Claimed[]> {
  const { rows } = await sql<{ project_id: string; work_id: string; payload: string; fence: number; due_at: number }>`
    update work set leased_until = ${now + LEASE_MS}, fence = fence + 1 where (project_id, work_id) in (
      select project_id, work_id from work where due_at <= ${now} and leased_until <= ${now} order by due_at, work_id limit ${limit} ${skipLocked(tx.kind)})
    returning project_id, work_id, payload, fence, due_at`.execute(tx.db);
  return rows
    .toSorted((a, b) => a.due_at - b.due_at || (a.work_id < b.work_id ? -1 : 1))
    .map((row) => ({
      projectId: row.project_id,
      workId: row.work_id,
      fence: row.fence,
      work: Work.parse(JSON.parse(row.payload)),
    }));
}

/** Removes an item in the same transaction as its effect; false when somebody else holds it by now. */
export async function finishWork(tx: Tx, claimed: Claimed): Promise<boolean> {
  const gone = await tx.db
    .deleteFrom("work")
    .where("project_id", "=", claimed.projectId)
    .where("work_id", "=", claimed.workId)
    .where("fence", "=", claimed.fence)
    .executeTakeFirst();
  return gone.numDeletedRows > 0n;
}

/** When the next item is due; null when there is none. */
export async function nextDue(engine: Engine): Promise<number | null> {
  const row = await engine.reader
    .selectFrom("work")
    .select(({ fn }) => fn.min("due_at").as("due"))
    .executeTakeFirst();
  return row?.due ?? null;
}
