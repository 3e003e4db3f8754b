import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PrunellaError } from "@prunella/contract";
import { LaunchError } from "../sandbox/engine.ts";
import { PIN_FILE, readPinned, TREE } from "./pinned.ts";
import { programDigest, readTree, sha256, type TreeEntry } from "./tree.ts";

/** How a bundle is: whole, gone, or another than its digest says. */
export type BundleState = "whole" | "missing" | "changed";

export interface BundleStore {
  /** Where the bundle of a digest lies, whether or not it does. */
  pathOf(digest: string): string;
  put(digest: string, bytes: Uint8Array): void;
  /** Where the files of a program lie. */
  treeOf(digest: string): string;
  putTree(digest: string, entries: readonly TreeEntry[]): void;
  /** Files with what says which they are, whose digest this is. */
  putPinned(digest: string, pin: Uint8Array, entries: readonly TreeEntry[]): void;
  check(digest: string): BundleState;
  /** What no digest of these names goes. */
  keepOnly(digests: readonly string[]): void;
  writeLock(text: string): void;
}

/**
 * Bundles by digest, each in a folder of its own, written once: to a place beside, to the disk, then named. Whatever
 * ends in between leaves a folder without a name that anybody asks for.
 */
export function openBundleStore(dataFolder: string, lockFile: string): BundleStore {
  const home = join(dataFolder, "plugins");
  const bundles = join(home, "bundles");
  const pathOf = (digest: string): string => join(bundles, digest.replace("sha256:", ""), "bundle.js");
  const treeOf = (digest: string): string => join(bundles, digest.replace("sha256:", ""), TREE);
  const check = (digest: string): BundleState => {
    const folder = join(bundles, digest.replace("sha256:", ""));
    if (lstatSync(join(folder, PIN_FILE), { throwIfNoEntry: false }) !== undefined) return pinnedState(folder, digest);
    if (lstatSync(treeOf(digest), { throwIfNoEntry: false }) !== undefined) return treeState(treeOf(digest), digest);
    const stat = lstatSync(pathOf(digest), { throwIfNoEntry: false });
    if (stat === undefined) return "missing";
    if (!stat.isFile() || stat.nlink > 1) return "changed";
    return sha256(readFileSync(pathOf(digest))) === digest ? "whole" : "changed";
  };
  let counted = 0;
  const beside = (name: string): string => join(home, `.new-${process.pid}-${(counted += 1)}-${name}`);

  const putFolder = (digest: string, write: (place: string) => void): void => {
    const place = beside(digest.slice(-12));
    try {
      if (check(digest) === "whole") return;
      mkdirSync(bundles, { recursive: true, mode: 0o700 });
      mkdirSync(place, { mode: 0o700 });
      write(place);
      const folder = join(bundles, digest.replace("sha256:", ""));
      // One that was changed makes room; its name is that of bytes that it does not hold.
      if (existsSync(folder)) renameSync(folder, beside("changed"));
      renameSync(place, folder);
    } catch (cause) {
      throw unwritten(cause);
    } finally {
      sweep(home);
    }
  };

  return {
    pathOf,
    check,
    treeOf,
    put(digest, bytes) {
      if (sha256(bytes) !== digest) throw new Error("a bundle is not what its digest says");
      putFolder(digest, (place) => {
        writeWhole(join(place, "bundle.js"), bytes);
        chmodSync(join(place, "bundle.js"), 0o444);
      });
    },
    putTree(digest, entries) {
      if (programDigest(entries) !== digest) throw new Error("a program is not what its digest says");
      putFolder(digest, (place) => writeTree(join(place, TREE), entries));
    },
    putPinned(digest, pin, entries) {
      if (sha256(pin) !== digest) throw new Error("a server is not what its digest says");
      putFolder(digest, (place) => {
        writeTree(join(place, TREE), entries);
        writeWhole(join(place, PIN_FILE), pin);
        chmodSync(join(place, PIN_FILE), 0o444);
      });
    },
    keepOnly(digests) {
      const kept = new Set(digests.map((digest) => digest.replace("sha256:", "")));
      for (const name of existsSync(bundles) ? readdirSync(bundles) : [])
        if (!kept.has(name)) rmSync(join(bundles, name), { recursive: true, force: true });
      sweep(home);
    },
    writeLock(text) {
      const place = join(dataFolder, `.${lockFile}-${process.pid}`);
      try {
        rmSync(place, { force: true });
        writeWhole(place, Buffer.from(text));
        renameSync(place, join(dataFolder, lockFile));
      } catch (cause) {
        rmSync(place, { force: true });
        throw unwritten(cause);
      }
    },
  };
}

/** The files of a program where nothing of them is yet, for nobody to change. */
function writeTree(tree: string, entries: readonly TreeEntry[]): void {
  mkdirSync(tree, { mode: 0o700 });
  for (const entry of entries) {
    const path = join(tree, entry.path);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (entry.kind === "link") symlinkSync(entry.target, path);
    else {
      writeWhole(path, entry.bytes);
      chmodSync(path, entry.mode === "0755" ? 0o555 : 0o444);
    }
  }
}

/** While it is looked at, before anybody knows whether it will be kept. */
export async function withTree<Result>(
  entries: readonly TreeEntry[],
  use: (tree: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "prunella-look-"));
  try {
    writeTree(join(folder, TREE), entries);
    return await use(join(folder, TREE));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pinnedState(folder: string, digest: string): BundleState {
  try {
    readPinned(folder, digest);
    return "whole";
  } catch (error) {
    return error instanceof LaunchError && error.reason === "artifact_missing" ? "missing" : "changed";
  }
}

/** Whatever cannot be read as a program any more is not the one that was installed. */
function treeState(tree: string, digest: string): BundleState {
  try {
    return programDigest(readTree(tree, true)) === digest ? "whole" : "changed";
  } catch {
    return "changed";
  }
}

function writeWhole(path: string, bytes: Uint8Array): void {
  const handle = openSync(path, "wx", 0o600);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** What this process, or one before it that ended, left half done. */
function sweep(home: string): void {
  const isFolder = lstatSync(home, { throwIfNoEntry: false })?.isDirectory() === true;
  for (const name of isFolder ? readdirSync(home) : [])
    if (name.startsWith(".new-")) rmSync(join(home, name), { recursive: true, force: true });
}

const unwritten = (cause: unknown): PrunellaError =>
  new PrunellaError("PRUNELLA_PLUGIN_SOURCE", {
    detail: `The bundle cannot be written to the data folder: ${cause instanceof Error && "code" in cause ? String(cause.code) : "it failed"}.`,
    hint: "Make room on its disk, then ask again; what was installed goes on working.",
    cause,
  });
