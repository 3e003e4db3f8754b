import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { PrunellaError } from "@prunella/contract";
import { readGenesis, readHead } from "@prunella/kernel";
import { sealFile, unsealFile } from "./platform/backup-file.ts";
import { ownDataFolder } from "./platform/data-folder.ts";
import { ledgerKeyPath, parseLedgerKey, readLedgerKey, writeLedgerKey } from "./platform/ledger-key.ts";
import { copySqlite, problemsOfSqlite, putBeside, takeBeside } from "./platform/sqlite-backup.ts";
import { openSqlite } from "./platform/sqlite.ts";

export interface BackupReport {
  readonly file: string;
  readonly bytes: number;
  readonly is_encrypted: boolean;
  /** Entries of the ledger in it. */
  readonly ledger_size: number;
  /** Of the ledger's tree, as in a checkpoint. */
  readonly root: string;
}

const KEY = "ledger-key.json";

/**
 * Database and ledger key in one file, while a server runs or not. What is written is read back and
 * checked before this resolves. Throws PRUNELLA_USAGE when there is nothing to back up.
 */
export async function backup(given: {
  dataFolder: string;
  file: string;
  passphrase: string | null;
  onProgress?: (share: number) => void;
}): Promise<BackupReport> {
  const folder = resolve(given.dataFolder);
  const file = resolve(given.file);
  const database = join(folder, "prunella.db");
  if (!existsSync(database))
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `There is no embedded database in ${folder}.`,
      hint: "For PostgreSQL take its own backup (pg_dump, or continuous archiving), and `prunella ledger key export ledger-key.json` beside it.",
    });
  if (readLedgerKey(folder) === null) throw noKey(folder);
  if (existsSync(file)) throw exists(file);
  using work = workFolder(dirname(file));
  const copy = join(work.path, "copy.db");
  await copySqlite(database, copy, given.onProgress ?? (() => undefined));
  putBeside(copy, { [KEY]: readFileSync(ledgerKeyPath(folder), "utf8") });
  await sealFile(copy, file, given.passphrase);
  rmSync(copy);
  try {
    // As a restore would read it: a backup that nobody has read is a hope.
    const again = join(work.path, "again.db");
    await unsealFile(file, again, given.passphrase);
    const { size, root } = await examineCopy(again);
    return { file, bytes: statSync(file).size, is_encrypted: given.passphrase !== null, ledger_size: size, root };
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}

/**
 * Makes a data folder out of a backup. The folder must hold no database yet, and nothing is in it
 * before everything was checked. Throws PRUNELLA_USAGE, and PRUNELLA_DATA_FOLDER_OWNED while a server has it.
 */
export async function restore(given: {
  file: string;
  dataFolder: string;
  passphrase: string | null;
}): Promise<Omit<BackupReport, "bytes"> & { readonly data: string }> {
  const file = resolve(given.file);
  using folder = ownDataFolder(given.dataFolder);
  const database = join(folder.path, "prunella.db");
  for (const path of [database, ledgerKeyPath(folder.path)]) if (existsSync(path)) throw exists(path);
  using work = workFolder(folder.path);
  const copy = join(work.path, "prunella.db");
  await unsealFile(file, copy, given.passphrase);
  const { size, root, key } = await examineCopy(copy);
  writeLedgerKey(ledgerKeyPath(folder.path), key);
  renameSync(copy, database);
  return { file, data: folder.path, is_encrypted: given.passphrase !== null, ledger_size: size, root };
}

/** Sound, with the key that began its ledger; leaves it as a server's database is. */
async function examineCopy(path: string): Promise<{ size: number; root: string; key: string }> {
  const problems = problemsOfSqlite(path);
  const key = problems.length === 0 ? takeBeside(path)?.[KEY] : undefined;
  if (key === undefined)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `The backup is not sound: ${problems[0] ?? "it holds no ledger key"}.`,
      hint: "Take another one.",
    });
  const engine = openSqlite(path);
  try {
    const genesis = await readGenesis(engine.reader);
    if (genesis === null || !genesis.isOf(parseLedgerKey(key)))
      throw new PrunellaError("PRUNELLA_USAGE", {
        detail: "The key in the backup is not that of the ledger in it.",
        hint: "Take another one.",
      });
    const { size, root } = await readHead(engine.reader);
    return { size, root, key };
  } finally {
    await engine.close();
  }
}

/** On the disk where the result goes, so that the last step is a rename; removed with what is left in it. */
function workFolder(beside: string): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(beside, ".prunella-backup-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

const exists = (path: string): PrunellaError =>
  new PrunellaError("PRUNELLA_USAGE", {
    detail: `${path} is there already.`,
    hint: "Name another place; nothing is ever written over.",
  });

const noKey = (folder: string): PrunellaError =>
  new PrunellaError("PRUNELLA_LEDGER_KEY_NEEDED", {
    detail: `${folder} has no ledger key.`,
    hint: "A backup without it could add nothing to its ledger: `prunella ledger key import ledger-key.json` first.",
  });
