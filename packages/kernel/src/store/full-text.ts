import { sql, type RawBuilder } from "kysely";
import type { EngineKind, Tx } from "./engine.ts";

/**
 * The full-text index of both engines. Words are found and made equal by search/words.ts, not by the
 * engines, whose own parsers would find different ones: SQLite's `ascii` tokenizer takes what stands between
 * spaces, and a tsvector is given its words and their places as they are.
 */
export function fullText(kind: EngineKind): RawBuilder<unknown>[] {
  const statements =
    kind === "sqlite"
      ? [
          // An integer key of its own: a table without one is numbered anew when it is vacuumed.
          `create table fault_document (doc integer primary key, project_id text not null, fault_id text not null unique, bytes bigint not null)`,
          // Apart, so that what is found is looked up among small rows.
          `create table fault_words (doc integer primary key references fault_document (doc) on delete cascade, words text not null)`,
          `create virtual table fault_text using fts5(words, content = 'fault_words', content_rowid = 'doc', tokenize = 'ascii')`,
          // What is deleted is taken out at once, and not only marked.
          `insert into fault_text (fault_text, rank) values ('secure-delete', 1)`,
          `create trigger fault_text_insert after insert on fault_words begin ${ADD}; end`,
          `create trigger fault_text_delete after delete on fault_words begin ${TAKE_OUT}; end`,
          `create trigger fault_text_update after update on fault_words begin ${TAKE_OUT}; ${ADD}; end`,
        ]
      : [
          `create table fault_document (project_id text not null, fault_id text not null, words tsvector not null, bytes bigint not null, primary key (fault_id))`,
          `create index fault_text on fault_document using gin (words)`,
        ];
  return statements.map((statement) => sql.raw(statement));
}

const ADD = "insert into fault_text (rowid, words) values (new.doc, new.words)";
const TAKE_OUT = "insert into fault_text (fault_text, rowid, words) values ('delete', old.doc, old.words)";

/** Stands between texts, so that no phrase is found across them; no word is equal to it. */
export const GAP = "·";

/** Writes the words of a fault in the place of those it had. */
export async function writeDocument(
  tx: Tx,
  { projectId, faultId }: { readonly projectId: string; readonly faultId: string },
  words: readonly string[],
): Promise<void> {
  const text = words.join(" ");
  const bytes = Buffer.byteLength(text);
  if (tx.kind === "postgres") {
    await sql`insert into fault_document (project_id, fault_id, words, bytes)
      values (${projectId}, ${faultId}, cast(${vectorOf(words)} as tsvector), ${bytes})
      on conflict (fault_id) do update set words = excluded.words, bytes = excluded.bytes`.execute(tx.db);
    return;
  }
  const { rows } = await sql<{ doc: number }>`insert into fault_document (project_id, fault_id, bytes)
    values (${projectId}, ${faultId}, ${bytes})
    on conflict (fault_id) do update set bytes = excluded.bytes returning doc`.execute(tx.db);
  await sql`insert into fault_words (doc, words) values (${rows[0]?.doc ?? 0}, ${text})
    on conflict (doc) do update set words = excluded.words`.execute(tx.db);
}

/** A tsvector keeps 16,383 places and 256 of one word; what goes beyond is found, but not as part of a phrase. */
const MOST_PLACES = 16_000;

function vectorOf(words: readonly string[]): string {
  const places = new Map<string, number[]>();
  for (const [at, word] of words.entries()) {
    if (word === GAP) continue;
    const known = places.get(word);
    if (known === undefined) places.set(word, [Math.min(at + 1, MOST_PLACES)]);
    else if (known.length < 250) known.push(Math.min(at + 1, MOST_PLACES));
  }
  return [...places].map(([word, at]) => `'${word}':${at.join(",")}`).join(" ");
}

/** Words that stand side by side; the last one may go on when `isOpen`. */
export interface Phrase {
  readonly words: readonly string[];
  readonly isOpen: boolean;
}

/** Ids of the faults whose words hold every phrase, as a subquery. */
export function havingWords(kind: EngineKind, phrases: readonly Phrase[]): RawBuilder<unknown> {
  if (kind === "sqlite") {
    const match = phrases.map(({ words, isOpen }) => `"${words.join(" ")}"${isOpen ? "*" : ""}`).join(" AND ");
    return sql`select d.fault_id from fault_text join fault_document d on d.doc = fault_text.rowid where fault_text match ${match}`;
  }
  const match = phrases
    .map(({ words, isOpen }) =>
      words.map((word, at) => `'${word}'${isOpen && at === words.length - 1 ? ":*" : ""}`).join(" <-> "),
    )
    .map((phrase) => `(${phrase})`)
    .join(" & ");
  return sql`select d.fault_id from fault_document d where d.words @@ cast(${match} as tsquery)`;
}
