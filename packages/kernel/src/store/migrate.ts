import { sql, type Kysely } from "kysely";
import { Migrator, type Migration } from "kysely/migration";
import { PrunellaError } from "@prunella/contract";
import type { Engine, EngineKind } from "./engine.ts";
import { up as first } from "./migrations/2026-11-29t0800-first.ts";

type Up = <DB>(db: Kysely<DB>, kind: EngineKind) => Promise<void>;

const MIGRATIONS: Record<string, Up> = { "2026-11-29t0800-first": first };

/** Brings the schema up to date; several servers may try at once, one of them does it. */
export async function migrate(engine: Engine): Promise<void> {
  const migrations: Record<string, Migration> = {};
  for (const [name, up] of Object.entries(MIGRATIONS)) migrations[name] = { up: (db) => up(db, engine.kind) };
  const migrator = new Migrator({ db: engine.writer, provider: { getMigrations: async () => migrations } });
  // Kysely leaves SQLite's migrations outside of transactions; in one they are whole or absent, and cost one commit.
  const inOne = engine.kind === "sqlite";
  if (inOne) await sql`begin immediate`.execute(engine.writer);
  const { error } = await migrator.migrateToLatest();
  if (inOne) await (error ? sql`rollback` : sql`commit`).execute(engine.writer);
  if (error)
    throw new PrunellaError("PRUNELLA_INTERNAL", {
      detail: "The database schema could not be brought up to date.",
      cause: error,
    });
}

export interface MigrationState {
  /** In the database, and known here. */
  readonly done: readonly string[];
  /** What {@link migrate} would do, in this order. */
  readonly pending: readonly string[];
  /** Done by a newer version; this one cannot serve such a database. */
  readonly unknown: readonly string[];
}

/** What stands between the database and this version. Changes nothing, also where there is no table yet. */
export async function migrationState({ reader }: Pick<Engine, "reader">): Promise<MigrationState> {
  const tables = await reader.introspection.getTables({ withInternalKyselyTables: true });
  const isNew = !tables.some(({ name }) => name === "kysely_migration");
  const { rows } = isNew
    ? { rows: [] }
    : await sql<{ name: string }>`select name from kysely_migration order by name`.execute(reader);
  const inDatabase = rows.map(({ name }) => name);
  const known = Object.keys(MIGRATIONS).toSorted();
  return {
    done: known.filter((name) => inDatabase.includes(name)),
    pending: known.filter((name) => !inDatabase.includes(name)),
    unknown: inDatabase.filter((name) => !known.includes(name)),
  };
}
