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
