import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { PrunellaError, ServerFile } from "@prunella/contract";
import { lockFile } from "./file-lock.ts";

export interface DataFolder extends Disposable {
  readonly path: string;
  readonly databasePath: string;
  readonly ledgerPath: string;
  /** This very folder of this machine; a copy of it is another place. */
  readonly place: string;
  /** Readable by its user alone, because it holds a token. */
  announce(file: ServerFile): void;
}

/**
 * Takes a data folder into possession, making it when it is missing.
 * Throws PRUNELLA_DATA_FOLDER_OWNED and says who owns it, or PRUNELLA_USAGE for a path that cannot be one.
 */
export function ownDataFolder(given: string): DataFolder {
  const path = resolve(given);
  const lock = openFolder(path);
  const serverFile = join(path, "server.json");
  return {
    path,
    databasePath: join(path, "prunella.db"),
    ledgerPath: join(path, "ledger"),
    place: placeOf(path),
    announce(file) {
      writePrivate(serverFile, JSON.stringify(file));
    },
    [Symbol.dispose]() {
      rmSync(serverFile, { force: true });
      lock.close();
    },
  };
}

/** A folder that was copied has another lock file, so that two owners are never taken for one. */
function placeOf(path: string): string {
  const { dev, ino, birthtimeMs } = statSync(join(path, "owner.lock"));
  return createHash("sha256").update([hostname(), path, dev, ino, birthtimeMs].join("\0")).digest("hex");
}

function openFolder(path: string): { close(): void } {
  try {
    makeDataFolder(path);
    return takeLock(path);
  } catch (cause) {
    if (cause instanceof PrunellaError) throw cause;
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${path} cannot be a data folder${cause instanceof Error ? `: ${cause.message}` : ""}.`,
      hint: "Choose another with --data: a folder in which this user may write.",
      cause,
    });
  }
}

/** Makes it when it is missing; it is owned by nobody then. */
export function makeDataFolder(path: string): void {
  makeFolder(path);
  assertOurs(path);
  // The folder holds a signing key; keep it out of repositories even when it stands inside one.
  if (!existsSync(join(path, ".gitignore"))) writeFileSync(join(path, ".gitignore"), "*\n");
}

/** Level by level: `mkdir` with `recursive` never ends where the system answers ENOENT, as below /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
}

/**
 * Whoever may write in the folder can put a link where a file is about to be, or take the files away; who
 * could before may have left a key, a database, or records of programs that are to be ended. So all of it
 * belongs to this user, and to nobody else. Root needs no such way.
 */
export function assertOurs(path: string): void {
  const me = process.getuid?.();
  // Windows knows no such modes.
  if (me === undefined) return;
  const isForeign = ({ uid }: { uid: number }): boolean => uid !== me && uid !== 0;
  const folder = statSync(path);
  if (folder.uid !== me || isForeign(lstatSync(path)))
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${path} belongs to another user.`,
      hint: "Choose another with --data, or give it to the user that runs Prunella.",
    });
  assertClosed(path, folder.mode);
  for (const name of readdirSync(path)) {
    const file = join(path, name);
    // Files come and go while another process owns the folder.
    const found = lstatSync(file, { throwIfNoEntry: false });
    if (found === undefined) continue;
    if (isForeign(found))
      throw new PrunellaError("PRUNELLA_USAGE", {
        detail: `${file} belongs to another user, who could write in this folder once.`,
        hint: "Begin with another folder; trust no key, database or record that stands in this one.",
      });
    if (found.isDirectory()) assertClosed(file, found.mode);
  }
}

function assertClosed(path: string, mode: number): void {
  if ((mode & 0o022) !== 0)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `Other users may write in ${path}; a data folder holds a signing key and a token.`,
      hint: `Close it: chmod go-w ${path}`,
    });
}

function takeLock(path: string): { close(): void } {
  const lock = lockFile(join(path, "owner.lock"));
  if (lock !== null) return lock;
  const owner = readServerFile(path);
  throw new PrunellaError("PRUNELLA_DATA_FOLDER_OWNED", {
    detail: owner
      ? `Process ${owner.pid} owns ${path} and serves ${owner.url}.`
      : `Another process owns ${path} and is just starting.`,
    hint: "Stop it first, or choose another folder with --data.",
  });
}

/** Null when there is none, or none that can be read. */
export function readServerFile(folder: string): ServerFile | null {
  try {
    const parsed = ServerFile.safeParse(JSON.parse(readFileSync(join(resolve(folder), "server.json"), "utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Complete or absent, and never readable by others, not even for a moment. */
export function writePrivate(path: string, text: string): void {
  const draft = `${path}.${randomBytes(8).toString("hex")}.tmp`;
  // A new file or none: never one, nor a link, that somebody has put there.
  const file = openSync(draft, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW, 0o600);
  try {
    writeFileSync(file, text);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}
