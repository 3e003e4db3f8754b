import { randomBytes } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** Of deno's cache: what it keeps of compiled code. All else is what a plugin left, and goes. */
const KEPT = /^(?:v8_code|dep_analysis|node_analysis)_cache_v\d+(?:-wal)?$/;

/** A folder for one process: it begins with the code that was compiled before, and with nothing that a run wrote. */
export interface RunFolder {
  readonly path: string;
  clean(): void;
}

export function openRunFolder(workDir: string): RunFolder {
  const seed = join(workDir, "compiled");
  const path = join(workDir, `run-${randomBytes(8).toString("hex")}`);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  for (const name of kept(seed)) copyFileSync(join(seed, name), join(path, name));
  return {
    path,
    clean() {
      harvest(path, seed);
      clearFolder(path);
    },
  };
}

/** Also where what ran in it took our own right to look into its folders. */
export function clearFolder(path: string): void {
  try {
    remove(path);
  } catch {
    openUp(path);
    remove(path);
  }
}

const remove = (path: string): void => rmSync(path, { recursive: true, force: true, maxRetries: 2 });

function openUp(path: string): void {
  chmodSync(path, 0o700);
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) openUp(join(path, entry.name));
}

const kept = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => KEPT.test(name)) : [];

const sizeOf = (folder: string): number =>
  kept(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

/** Whole or not at all: another process may begin with it at this moment. */
function harvest(path: string, seed: string): void {
  const fresh = `${seed}-${randomBytes(8).toString("hex")}`;
  try {
    if (sizeOf(path) <= sizeOf(seed)) return;
    mkdirSync(fresh, { mode: 0o700 });
    for (const name of kept(path)) renameSync(join(path, name), join(fresh, name));
    rmSync(seed, { recursive: true, force: true });
    renameSync(fresh, seed);
  } catch {
    // Another run was first, or it cannot be read. Compiled code is only ever a matter of milliseconds.
    rmSync(fresh, { recursive: true, force: true });
  }
}
