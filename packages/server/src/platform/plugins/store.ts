import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PrunellaError } from "@prunella/contract";
import { LaunchError } from "../sandbox/engine.ts";
import { PIN_FILE, readProgram, TREE, writeTree, writeWhole } from "./program.ts";
import { sha256, type TreeFile } from "./tree.ts";

/** How a bundle is: whole, gone, or another than its digest says. */
export type BundleState = "whole" | "missing" | "changed";

export interface BundleStore {
  /** Where the bundle of a digest lies, whether or not it does. */
  pathOf(digest: string): string;
  /** `files`: of a program, which is not bundled; `bytes` is then what says which they are. */
  put(digest: string, bytes: Uint8Array, files?: readonly TreeFile[]): void;
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
  const folderOf = (digest: string): string => join(bundles, digest.replace("sha256:", ""));
  const pathOf = (digest: string): string => join(folderOf(digest), "bundle.js");
  const check = (digest: string): BundleState => {
    if (lstatSync(join(folderOf(digest), PIN_FILE), { throwIfNoEntry: false }))
      return checkProgram(folderOf(digest), digest);
    const stat = lstatSync(pathOf(digest), { throwIfNoEntry: false });
    if (stat === undefined) return "missing";
    if (!stat.isFile() || stat.nlink > 1) return "changed";
    return sha256(readFileSync(pathOf(digest))) === digest ? "whole" : "changed";
  };
  let counted = 0;
  const beside = (name: string): string => join(home, `.new-${process.pid}-${(counted += 1)}-${name}`);

  return {
    pathOf,
    check,
    put(digest, bytes, files) {
      if (sha256(bytes) !== digest) throw new Error("a bundle is not what its digest says");
      const place = beside(digest.slice(-12));
      try {
        if (check(digest) === "whole") return;
        mkdirSync(bundles, { recursive: true, mode: 0o700 });
        mkdirSync(place, { mode: 0o700 });
        const name = files === undefined ? "bundle.js" : PIN_FILE;
        if (files !== undefined) writeTree(join(place, TREE), files);
        writeWhole(join(place, name), bytes);
        chmodSync(join(place, name), 0o444);
        const folder = folderOf(digest);
        // One that was changed makes room; its name is that of bytes that it does not hold.
        if (existsSync(folder)) renameSync(folder, beside("changed"));
        renameSync(place, folder);
      } catch (cause) {
        throw unwritten(cause);
      } finally {
        sweep(home);
      }
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

function checkProgram(folder: string, digest: string): BundleState {
  try {
    readProgram(folder, digest);
    return "whole";
  } catch (error) {
    if (error instanceof LaunchError && error.reason === "artifact_missing") return "missing";
    return "changed";
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
