import { chmodSync, existsSync, readFileSync, renameSync } from "node:fs";
import { resolve } from "node:path";
import { PrunellaError } from "@prunella/contract";
import { publishedSize, vkeyOf, type Signer } from "@prunella/kernel";
import { ownDataFolder, type DataFolder } from "./platform/data-folder.ts";
import { ledgerKeyPath, parseLedgerKey, readLedgerKey, writeLedgerKey } from "./platform/ledger-key.ts";
import { openTileFolder } from "./platform/tiles.ts";

export interface LedgerKeyFile {
  readonly name: string;
  readonly vkey: string;
  readonly path: string;
  /** Where the key went that stood there before and had signed nothing; null when there was none. */
  readonly former: string | null;
}

/**
 * Makes a data folder one of those that share a ledger. Refuses to take the place of another key that
 * has signed something, and a folder whose published files another key signed.
 */
export async function importLedgerKey(dataFolder: string, file: string): Promise<LedgerKeyFile> {
  const text = readGiven(file);
  const key = parseGiven(text, file);
  // Nobody else may read or write it meanwhile.
  using folder = ownDataFolder(dataFolder);
  const path = ledgerKeyPath(folder.path);
  const standing = readLedgerKey(folder.path);
  if (standing !== null && vkeyOf(standing) === vkeyOf(key)) {
    chmodSync(path, 0o600);
    return { ...told(key, path), former: null };
  }
  await assertUnused(folder, standing, key);
  const former = standing === null ? null : setAside(path, standing);
  writeLedgerKey(path, text);
  return { ...told(key, path), former };
}

/** A copy of a data folder's key for another one, readable by its user alone. */
export function exportLedgerKey(dataFolder: string, target: string): LedgerKeyFile {
  const from = ledgerKeyPath(resolve(dataFolder));
  const key = readLedgerKey(resolve(dataFolder));
  if (key === null)
    throw new PrunellaError("PRUNELLA_NOT_FOUND", {
      detail: `There is no ${from}.`,
      hint: "A server makes the key when it begins a ledger: `prunella up`. Name its data folder with --data.",
    });
  const path = resolve(target);
  if (existsSync(path))
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail: `${path} exists already.`,
      hint: "Name a file that is not there yet.",
    });
  try {
    writeLedgerKey(path, readFileSync(from, "utf8"));
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${path} cannot be written.`,
      hint: "Name a file in a folder in which this user may write.",
      cause,
    });
  }
  return { ...told(key, path), former: null };
}

const told = (key: Signer, path: string) => ({ name: key.name, vkey: vkeyOf(key), path });

function readGiven(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_USAGE", { detail: `${file} cannot be read.`, hint: KEY_HINT, cause });
  }
}

function parseGiven(text: string, file: string): Signer {
  try {
    return parseLedgerKey(text);
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_USAGE", { detail: `${file} is not a ledger key.`, hint: KEY_HINT, cause });
  }
}

const KEY_HINT = "It is ledger-key.json of the data folder of a server that uses the same database.";

async function assertUnused(folder: DataFolder, standing: Signer | null, key: Signer): Promise<void> {
  const hint = "Import it into an empty folder: choose another with --data.";
  const files = openTileFolder(folder.ledgerPath);
  // The embedded database has its ledger in it, whether something of it was published or not.
  const hasSigned = existsSync(folder.databasePath) || (await files.read("checkpoint")) !== null;
  if (standing !== null && hasSigned)
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail: `${folder.path} has the key ${standing.name}, which has signed a ledger. It stays.`,
      hint,
    });
  await publishedSize(files, key).catch((cause: unknown) => {
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail: `${folder.path} holds a ledger that ${key.name} has not signed.`,
      hint,
      cause,
    });
  });
}

/** A key is never destroyed: where nothing here shows what it signed, it is kept beside. */
function setAside(path: string, key: Signer): string {
  const beside = path.replace(/\.json$/, `-${key.name.replaceAll(/[^A-Za-z0-9-]+/g, "-")}.json`);
  renameSync(path, beside);
  return beside;
}
