import { z } from "zod";
import type { NewId } from "../ids.ts";
import type { Tx } from "../store/engine.ts";

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
}

export const workName = <P>(name: string, lane: Lane, payload: z.ZodType<P>, isSlow = false): WorkName<P> => ({
  name,
  lane,
  payload,
  isSlow,
});

/** One claimed piece of work. `finish` belongs into the unit that holds its effect. */
export interface Item<P> {
  readonly projectId: string;
  readonly workId: string;
  readonly payload: P;
  /** Throws when somebody else holds the item by now, so that the unit is undone. */
  finish(tx: Tx): Promise<void>;
}

/** A kind and what is done about it. Erased, so that kinds with different payloads stand in one list. */
export interface WorkKind {
  readonly name: string;
  readonly isSlow: boolean;
  carryOut(item: Item<unknown>): Promise<void>;
}

/** `handle` finishes its item; when it throws, the item comes again later. */
export function workKind<P>(kind: WorkName<P>, handle: (item: Item<P>) => Promise<void>): WorkKind {
  return {
    name: kind.name,
    isSlow: kind.isSlow,
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

/** Queues work in the transaction of what causes it. Returns its id. */
export async function addWork<P>(tx: Tx, newId: NewId, given: NewWork<P>): Promise<string> {
  const workId = newId();
  await tx.db
    .insertInto("work")
    .values({
      project_id: given.projectId,
      work_id: workId,
      kind: given.kind.name,
      lane: given.kind.lane,
      payload: JSON.stringify(given.payload),
      due_at: given.dueAt,
      leased_until: 0,
      fence: 0,
      tries: 0,
    })
    .execute();
  return workId;
}
