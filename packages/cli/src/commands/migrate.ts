import { existsSync } from "node:fs";
import { checkMigrations, loadConfig, migrateDatabase, type MigrationReport } from "@prunella/server";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { DEFAULT_CONFIG } from "../default-config.ts";
import { print, printJson } from "../print.ts";

export interface MigrateOptions {
  readonly check?: boolean;
  readonly config?: string;
  readonly databaseUrl?: string;
}

/** With `--check` it ends with 1 when there is something to do, or when this version is too old. */
export async function runMigrate(common: Common, options: MigrateOptions): Promise<void> {
  const path = options.config ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : null);
  const { config } = await loadConfig(path, { storeUrl: options.databaseUrl });
  const given = { config, dataFolder: common.data };
  if (options.check !== true) {
    const report = await migrateDatabase(given);
    if (common.json) return printJson(report);
    return print(
      report.pending.length === 0
        ? `${report.database} is up to date.`
        : `${report.database} is up to date now. Done:\n${list(report.pending)}`,
    );
  }
  const report = await checkMigrations(given);
  process.exitCode = report.pending.length + report.unknown.length === 0 ? 0 : 1;
  if (common.json) return printJson(report);
  print(words(report, common));
}

function words({ database, is_new: isNew, done, pending, unknown }: MigrationReport, common: Common): string {
  if (unknown.length > 0)
    return `${database} was changed by a newer version:\n${list(unknown)}\nThis version cannot serve it. Run the newer one, or restore the backup from before.`;
  if (isNew) return `There is no database at ${database} yet; the first start makes it:\n${list(pending)}`;
  if (pending.length === 0) return `${database} is up to date (${done.length} done).`;
  return `${database} is to be changed:\n${list(pending)}\nThe next start does it. Back up first: ${commandLine(common, "backup before.backup")}`;
}

const list = (names: readonly string[]): string => names.map((name) => `  ${name}`).join("\n");
