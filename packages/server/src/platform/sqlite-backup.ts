import { backup, DatabaseSync } from "node:sqlite";

const PAGES_AT_ONCE = 1_000;

/**
 * A consistent copy of a database that may be in use, in steps between which its owner can write; it is as it was when this was called.
 * `onProgress` gets the share that is done.
 */
export async function copySqlite(from: string, to: string, onProgress: (share: number) => void): Promise<void> {
  using source = new DatabaseSync(from, { readOnly: true });
  // One snapshot for all steps: without it a database that somebody writes to is copied from the start again and again.
  source.exec("begin; select count(*) from sqlite_master");
  await backup(source, to, {
    rate: PAGES_AT_ONCE,
    progress: ({ totalPages, remainingPages }) => onProgress(1 - remainingPages / Math.max(1, totalPages)),
  });
}

/** What SQLite itself finds wrong with a file; empty when it is sound. */
export function problemsOfSqlite(path: string): string[] {
  using database = new DatabaseSync(path, { readOnly: true });
  return database
    .prepare("pragma integrity_check(10)")
    .all()
    .map((row) => String(row["integrity_check"]))
    .filter((line) => line !== "ok");
}

/** Puts texts beside a database's own tables, so that one file holds all that belongs together. */
export function putBeside(path: string, texts: Readonly<Record<string, string>>): void {
  using database = new DatabaseSync(path);
  database.exec("pragma journal_mode = delete; create table backup_text (name text primary key, text text not null)");
  const insert = database.prepare("insert into backup_text (name, text) values (?, ?)");
  for (const [name, text] of Object.entries(texts)) insert.run(name, text);
}

/** Takes them out again; null when the file never had any. */
export function takeBeside(path: string): Readonly<Record<string, string>> | null {
  using database = new DatabaseSync(path);
  if (database.prepare("select 1 from sqlite_master where name = 'backup_text'").get() === undefined) return null;
  const rows = database.prepare("select name, text from backup_text").all();
  database.exec("pragma secure_delete = on; drop table backup_text; vacuum");
  return Object.fromEntries(rows.map((row) => [String(row["name"]), String(row["text"])]));
}
