/** Every difference between the two engines, and nothing else. */
import { sql, type Kysely, type RawBuilder } from "kysely";
import type { EngineKind, Tx } from "./engine.ts";
import type { Tables } from "./tables.ts";

export type ColumnType = "text" | "int" | "hex";
export type Cell = string | number | null;

/**
 * A batch of rows as a table expression with one parameter on SQLite (`json_each`) and one array
 * per column on PostgreSQL (`unnest`): 5–10 times faster than thousands of placeholders.
 * `hex` columns are given as hex text and arrive as bytes.
 */
export function batch(
  kind: EngineKind,
  columns: Record<string, ColumnType>,
  rows: readonly (readonly Cell[])[],
): RawBuilder<unknown> {
  const names = Object.keys(columns);
  if (kind === "sqlite") {
    const picks = Object.values(columns).map((type, at) => {
      const cell = sql`value ->> ${sql.lit(at)}`;
      return type === "hex" ? sql`unhex(${cell})` : cell;
    });
    const aliased = picks.map((pick, at) => sql`${pick} as ${sql.ref(names[at] ?? "")}`);
    return sql`(select ${sql.join(aliased)} from json_each(${JSON.stringify(rows)}))`;
  }
  const arrays = Object.values(columns).map((type, at) => {
    const values = rows.map((row) => row[at] ?? null);
    return sql`${values}::${sql.raw(type === "int" ? "bigint[]" : "text[]")}`;
  });
  const picks = Object.entries(columns).map(([name, type]) =>
    type === "hex" ? sql`decode(${sql.ref(name)}, 'hex') as ${sql.ref(name)}` : sql.ref(name),
  );
  return sql`(select ${sql.join(picks)} from unnest(${sql.join(arrays)}) as given(${sql.join(names.map((name) => sql.ref(name)))}))`;
}

const insertTexts = { sqlite: new WeakMap<object, string>(), postgres: new WeakMap<object, string>() };

/**
 * Statements that add rows to a table: one for all of them where each statement is a message and an answer, one
 * a row where it is a call of a function and a list of rows would have to be taken apart.
 */
export function insertions(
  kind: EngineKind,
  table: string,
  columns: Readonly<Record<string, ColumnType>>,
  rows: readonly (readonly Cell[])[],
): { readonly text: string; readonly values: readonly (Cell | readonly Cell[])[] }[] {
  let text = insertTexts[kind].get(columns);
  if (text === undefined) {
    const names = Object.keys(columns).join(", ");
    const places = Object.values(columns).map((type, at) =>
      kind === "sqlite" ? `$${at + 1}` : `$${at + 1}::${type === "int" ? "bigint[]" : "text[]"}`,
    );
    text =
      kind === "sqlite"
        ? `insert into ${table} (${names}) values (${places.join(", ")})`
        : `insert into ${table} (${names}) select ${names} from unnest(${places.join(", ")}) as given (${names})`;
    insertTexts[kind].set(columns, text);
  }
  const whole = text;
  if (kind === "sqlite") return rows.map((values) => ({ text: whole, values }));
  return [{ text, values: Object.keys(columns).map((_, at) => rows.map((row) => row[at] ?? null)) }];
}

/** The larger of two values; a scalar `max` is called `greatest` on PostgreSQL. */
export function larger(kind: EngineKind, a: RawBuilder<unknown>, b: RawBuilder<unknown>): RawBuilder<number> {
  return kind === "sqlite" ? sql`max(${a}, ${b})` : sql`greatest(${a}, ${b})`;
}

export function smaller(kind: EngineKind, a: RawBuilder<unknown>, b: RawBuilder<unknown>): RawBuilder<number> {
  return kind === "sqlite" ? sql`min(${a}, ${b})` : sql`least(${a}, ${b})`;
}

/** Bytes as lower-case hex text. */
export function asHex(kind: EngineKind, column: string): RawBuilder<string> {
  return kind === "sqlite" ? sql`lower(hex(${sql.ref(column)}))` : sql`encode(${sql.ref(column)}, 'hex')`;
}

/** Claims rows that no other process holds; SQLite has one writer, so there is nobody to skip. */
export function skipLocked(kind: EngineKind): RawBuilder<unknown> {
  return kind === "sqlite" ? sql`` : sql`for update skip locked`;
}

export function lockRow(kind: EngineKind): RawBuilder<unknown> {
  return kind === "sqlite" ? sql`` : sql`for update`;
}

export const bytesType = (kind: EngineKind): RawBuilder<unknown> => (kind === "sqlite" ? sql`blob` : sql`bytea`);

/** SQLite keeps small-keyed tables in one tree; PostgreSQL has no such choice. */
export const withoutRowid = (kind: EngineKind): RawBuilder<unknown> => (kind === "sqlite" ? sql`without rowid` : sql``);

/** PostgreSQL writes a changed row beside the old one and leaves every index alone, where the page has room for it. */
export const spareRoom = (kind: EngineKind): RawBuilder<unknown> =>
  kind === "sqlite" ? sql`` : sql` with (fillfactor = 60)`;

/** What makes a table append-only, in the engine itself. */
export interface Guard {
  readonly name: string;
  readonly statement: string;
}

export function guardsOf(kind: EngineKind, table: string): Guard[] {
  const named = (name: string, what: string): Guard => ({ name, statement: `create trigger ${name} ${what}` });
  if (kind === "postgres")
    return [
      named(`${table}_no_change`, `before update or delete on ${table} for each row execute function ${table}_guard()`),
      named(`${table}_no_truncate`, `before truncate on ${table} for each statement execute function ${table}_guard()`),
    ];
  const abort = `begin select raise(abort, '${table} is append-only'); end`;
  return [
    named(`${table}_no_update`, `before update on ${table} ${abort}`),
    named(`${table}_no_delete`, `before delete on ${table} ${abort}`),
  ];
}

/** Statements that make a table append-only. */
export function appendOnly(kind: EngineKind, table: string): RawBuilder<unknown>[] {
  const guards = guardsOf(kind, table).map(({ statement }) => sql.raw(statement));
  return kind === "sqlite" ? guards : [guardFunction(table), ...guards];
}

const guardBody = (table: string): string => `begin raise exception '${table} is append-only'; end`;

const guardFunction = (table: string): RawBuilder<unknown> =>
  sql.raw(`create or replace function ${table}_guard() returns trigger language plpgsql as $$${guardBody(table)}$$`);

/** Guards of an append-only table that are gone, switched off, or do something else than they should. */
export async function lackingGuards(db: Kysely<Tables>, kind: EngineKind, table: string): Promise<Guard[]> {
  const guards = guardsOf(kind, table);
  if (kind === "sqlite") {
    const { rows } = await sql<{
      name: string;
      text: string;
    }>`select name, sql as text from sqlite_master where type = 'trigger' and tbl_name = ${table}`.execute(db);
    // SQLite keeps the text as it was given, but for the first two words.
    const standing = new Map(rows.map(({ name, text }) => [name, text.toLowerCase()]));
    return guards.filter(({ name, statement }) => standing.get(name) !== statement.toLowerCase());
  }
  // 1: each row, 2: before, 8: delete, 16: update, 32: truncate. `O` and `A` fire in a plain session.
  const { rows } = await sql<{ name: string; type: number }>`
    select t.tgname as name, t.tgtype as type from pg_trigger t join pg_proc p on p.oid = t.tgfoid
    where t.tgrelid = to_regclass(${table}) and not t.tgisinternal and t.tgenabled in ('O', 'A') and t.tgqual is null
    and p.prosrc = ${guardBody(table)}`.execute(db);
  const standing = new Map(rows.map(({ name, type }) => [name, type]));
  return guards.filter(({ name }) => standing.get(name) !== (name.endsWith("_no_truncate") ? 34 : 27));
}

/** Makes lacking guards anew, whatever stands in their place. */
export async function makeGuards(tx: Tx, table: string, lacking: readonly Guard[]): Promise<void> {
  if (tx.kind === "postgres") await guardFunction(table).execute(tx.db);
  for (const { name, statement } of lacking) {
    await sql.raw(`drop trigger if exists ${name}${tx.kind === "postgres" ? ` on ${table}` : ""}`).execute(tx.db);
    await sql.raw(statement).execute(tx.db);
  }
}

/**
 * Holds a name until the transaction ends, where there is no row yet that servers could wait for.
 * SQLite has one writer, which holds everything anyway.
 */
export async function lockName(tx: { db: Kysely<Tables>; kind: EngineKind }, name: string): Promise<void> {
  if (tx.kind === "sqlite") return;
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(tx.db);
}
