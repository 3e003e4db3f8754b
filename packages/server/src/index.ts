export { loadConfig, type LoadedConfig, type Overrides } from "./config.ts";
export { backup, restore, type BackupReport } from "./backup.ts";
export { examine, type Finding } from "./doctor.ts";
export { exportLedgerKey, importLedgerKey, type LedgerKeyFile } from "./ledger-key-files.ts";
export { checkMigrations, migrateDatabase, type MigrationReport } from "./migrate.ts";
export { openLog } from "./log-lines.ts";
export { readServerFile } from "./platform/data-folder.ts";
export { startServer, type RunningServer, type ServerOptions } from "./server.ts";
export * from "./supervisor/index.ts";
