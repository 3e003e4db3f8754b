import type { Actor, LedgerEntry, Subject } from "@prunella/contract";
import type { Engine } from "../store/engine.ts";
import { part, rows } from "../store/rows.ts";

/** Columns beside an entry that people find it by. Verification never reads them: the entry is what counts. */
export const FOUND_BY = { type: "text", actor: "text", fault: "text", about: "text" } as const;

/** In the order of {@link FOUND_BY}. */
export const foundBy = (entry: LedgerEntry): readonly (string | null)[] => [
  entry.type,
  "by" in entry ? actorName(entry.by) : "subject" in entry ? actorName(entry.subject) : null,
  "fault" in entry ? entry.fault : null,
  // What follows an intent or a question names that alone, and belongs to the same fault.
  "attempt" in entry ? (entry.attempt ?? null) : "escalation" in entry ? entry.escalation : null,
];

const actorName = ({ kind, id }: Actor | Subject): string => (id === null ? kind : `${kind}:${id}`);

export interface EntryQuery {
  readonly type?: string | undefined;
  /** `person:operator`, `trigger:<name>`, `system`. */
  readonly actor?: string | undefined;
  /** Whole id; with what followed from its intents and questions. */
  readonly fault?: string | undefined;
  /** Only entries below this index. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** The newest entries that fit, oldest first. */
export async function findEntries(
  db: Engine["reader"],
  { type, actor, fault, before = Number.MAX_SAFE_INTEGER, limit }: EntryQuery,
): Promise<{ index: number; entry: string; leafHash: string }[]> {
  // Either is found by its own index; a story is short, so it is gathered before anything is sorted.
  const within =
    fault === undefined
      ? part`ledger l`
      : part`(select idx from ledger where fault = ${fault}
          union select o.idx from ledger i join ledger o on o.about = i.about where i.fault = ${fault} and i.about is not null) f
        join ledger l on l.idx = f.idx`;
  const found = await rows<{ idx: number; entry: string; leaf_hash: string }>(db)`
    select l.idx, l.entry, l.leaf_hash from ${within} where l.idx < ${before}
      and ${type === undefined ? part`1 = 1` : part`l.type = ${type}`}
      and ${actor === undefined ? part`1 = 1` : part`l.actor = ${actor}`}
    order by l.idx desc limit ${limit}`;
  return found.map((row) => ({ index: Number(row.idx), entry: row.entry, leafHash: row.leaf_hash })).toReversed();
}
