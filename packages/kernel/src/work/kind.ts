import { sql } from "kysely";
import { z } from "zod";
import type { NewId } from "../ids.ts";
import { batch } from "../store/dialect.ts";
import type { Tx } from "../store/engine.ts";
import { insertRows } from "../store/insert-rows.ts";
import { part, rows, type Part } from "../store/rows.ts";

/** Lower lanes go first. Steps about Prunella itself never wait behind anything, and never hold anything up. */
export const LANES = { people: 0, own: 1, events: 2 } as const;
export type Lane = (typeof LANES)[keyof typeof LANES];

/** A kind of work: its name, what its payload looks like, and who goes first. */
export interface WorkName<P> {
  readonly name: string;
  readonly lane: Lane;
  readonly payload: z.ZodType<P>;
  /** It waits for something outside; nothing else waits for it. */
  readonly isSlow: boolean;
  /** At once in one process; null: as many as there is room for. What takes long leaves room for the others. */
  readonly most: number | null;
}

export const workName = <P>(
  name: string,
  lane: Lane,
  payload: z.ZodType<P>,
  isSlow = false,
  most: number | null = null,
): WorkName<P> => ({ name, lane, payload, isSlow, most });

/** One claimed piece of work. `finish` belongs into the unit that holds its effect. */
export interface Item<P> {
  readonly projectId: string;
  readonly workId: string;
  readonly payload: P;
  /** Undoes the unit when somebody else holds the item by now. */
  finish(tx: Tx): void;
}

/** A kind and what is done about it. Erased, so that kinds with different payloads stand in one list. */
export interface WorkKind {
  readonly name: string;
  readonly lane: Lane;
  readonly isSlow: boolean;
  readonly most: number | null;
  carryOut(item: Item<unknown>): Promise<void>;
}

/** `handle` finishes its item; when it throws, the item comes again later. */
export function workKind<P>(kind: WorkName<P>, handle: (item: Item<P>) => Promise<void>): WorkKind {
  return {
    name: kind.name,
    lane: kind.lane,
    isSlow: kind.isSlow,
    most: kind.most,
    async carryOut(item) {
      await handle({ ...item, payload: kind.payload.parse(item.payload) });
    },
  };
}

export interface NewWork<P> {
  readonly kind: WorkName<P>;
  readonly projectId: string;
  readonly dueAt: number;
  readonly payload: P;
}

/** When to look again for what should be there in a moment. */
export const POSTPONE_MS = 250;

/** Queues work where something holds, which is looked at in the unit itself. */
export function addWorkWhere<P>(tx: Tx, newId: NewId, given: NewWork<P>, holds: Part): void {
  const { kind, projectId, dueAt, payload } = given;
  const values = part`${projectId}, ${newId()}, ${kind.name}, ${kind.lane}, ${JSON.stringify(payload)}, ${dueAt}, 0, 0, 0`;
  tx.later(
    rows(tx.db)`insert into work (project_id, work_id, kind, lane, payload, due_at, leased_until, fence, tries)
    select ${values} where ${holds}`,
  );
}

/** Queues work in the transaction of what causes it. Returns its id. */
export function addWork<P>(tx: Tx, newId: NewId, given: NewWork<P>): string {
  const workId = newId();
  setWork(tx, workId, given);
  return workId;
}

/** Queues work under a name of its own; whatever waited under it is replaced, and whoever holds that loses it. */
export function setWork<P>(tx: Tx, workId: string, { kind, projectId, dueAt, payload }: NewWork<P>): void {
  tx.later(
    rows(tx.db)`insert into work (project_id, work_id, kind, lane, payload, due_at, leased_until, fence, tries)
    values (${projectId}, ${workId}, ${kind.name}, ${kind.lane}, ${JSON.stringify(payload)}, ${dueAt}, 0, 0, 0)
    on conflict (project_id, work_id) do update set kind = excluded.kind, lane = excluded.lane, payload = excluded.payload,
      due_at = excluded.due_at, leased_until = 0, fence = work.fence + 1, tries = 0`,
  );
}

/** Queues work under a name of its own, unless some waits under it already: then that stays as it is. */
export function addOnce<P>(tx: Tx, workId: string, { kind, projectId, dueAt, payload }: NewWork<P>): void {
  tx.later(
    rows(tx.db)`insert into work (project_id, work_id, kind, lane, payload, due_at, leased_until, fence, tries)
    values (${projectId}, ${workId}, ${kind.name}, ${kind.lane}, ${JSON.stringify(payload)}, ${dueAt}, 0, 0, 0)
    on conflict (project_id, work_id) do nothing`,
  );
}

/** Takes back what waits under a name. */
export function dropWork(tx: Tx, projectId: string, workId: string): void {
  tx.later(rows(tx.db)`delete from work where project_id = ${projectId} and work_id = ${workId}`);
}

/** What no other work is called. Erased, so that kinds stand beside each other. */
export interface NamedWork extends Omit<NewWork<never>, "kind" | "payload"> {
  readonly workId: string;
  readonly kind: Pick<WorkName<never>, "name" | "lane">;
  readonly payload: object;
}

const WORK = {
  project_id: "text",
  work_id: "text",
  kind: "text",
  lane: "int",
  payload: "text",
  due_at: "int",
  leased_until: "int",
  fence: "int",
  tries: "int",
} as const;

/** Queues many under names of their own, none of which is taken. */
export const addNamedWorks = (tx: Tx, given: readonly NamedWork[]): void =>
  insertRows(
    tx,
    "work",
    WORK,
    given.map(({ projectId, workId, kind, dueAt, payload }) => [
      projectId,
      workId,
      kind.name,
      kind.lane,
      JSON.stringify(payload),
      dueAt,
      0,
      0,
      0,
    ]),
  );

/** Queues many at once. */
export async function addWorks<P>(tx: Tx, newId: NewId, given: readonly NewWork<P>[]): Promise<void> {
  if (given.length === 0) return;
  const columns = {
    project_id: "text",
    work_id: "text",
    kind: "text",
    lane: "int",
    payload: "text",
    due_at: "int",
  } as const;
  const cells = given.map(({ kind, projectId, dueAt, payload }) => [
    projectId,
    newId(),
    kind.name,
    kind.lane,
    JSON.stringify(payload),
    dueAt,
  ]);
  await sql`insert into work (project_id, work_id, kind, lane, payload, due_at, leased_until, fence, tries)
    select project_id, work_id, kind, lane, payload, due_at, 0, 0, 0 from ${batch(tx.kind, columns, cells)} as given where true`.execute(
    tx.db,
  );
}
