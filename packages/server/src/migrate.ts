import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { PrunellaError, type Config } from "@prunella/contract";
import { migrate, migrationState, type MigrationState } from "@prunella/kernel";
import { ownDataFolder } from "./platform/data-folder.ts";
import { openPostgres } from "./platform/postgres.ts";
import { openSqlite } from "./platform/sqlite.ts";

export interface MigrationReport extends MigrationState {
  /** Where the database is, without a password. */
  readonly database: string;
  /** There is none yet: the first start makes it. */
  readonly is_new: boolean;
}

/** What `migrateDatabase` would do. Changes nothing and refuses nothing, whether a server runs or not. */
export async function checkMigrations(given: { config: Config; dataFolder: string }): Promise<MigrationReport> {
  const { url } = given.config.store;
  if (url === null && !existsSync(fileOf(given.dataFolder))) {
    // An empty database says what a new one lacks, and leaves no file.
    const engine = openSqlite(":memory:");
    try {
      return { ...(await migrationState(engine)), database: fileOf(given.dataFolder), is_new: true };
    } finally {
      await engine.close();
    }
  }
  const engine = url === null ? openSqlite(fileOf(given.dataFolder)) : await openPostgres(url);
  try {
    const state = await migrationState(engine);
    return { ...state, database: placeOf(given), is_new: state.done.length + state.unknown.length === 0 };
  } finally {
    await engine.close();
  }
}

/**
 * Brings the database up to date, as the next start would. Throws PRUNELLA_DATA_FOLDER_OWNED while a
 * server has the folder, and PRUNELLA_CONFLICT for a database of a newer version.
 */
export async function migrateDatabase(given: { config: Config; dataFolder: string }): Promise<MigrationReport> {
  const { url } = given.config.store;
  using folder = url === null ? ownDataFolder(given.dataFolder) : null;
  const engine = folder === null ? await openPostgres(url ?? "") : openSqlite(folder.databasePath);
  try {
    const before = await migrationState(engine);
    if (before.unknown.length > 0)
      throw new PrunellaError("PRUNELLA_CONFLICT", {
        detail: `The database was changed by a newer version: ${before.unknown.join(", ")}.`,
        hint: "Run that version, or restore the backup that was made before it.",
      });
    await migrate(engine);
    const is_new = before.done.length === 0;
    return { ...before, database: placeOf(given), is_new };
  } finally {
    await engine.close();
  }
}

const fileOf = (dataFolder: string): string => join(resolve(dataFolder), "prunella.db");

function placeOf({ config, dataFolder }: { config: Config; dataFolder: string }): string {
  const { url } = config.store;
  if (url === null) return fileOf(dataFolder);
  const { host, pathname } = new URL(url);
  return `PostgreSQL at ${host}${pathname}`;
}
