import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
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
      if (sizeOf(path) > sizeOf(seed)) harvest(path, seed);
      rmSync(path, { recursive: true, force: true, maxRetries: 2 });
    },
  };
}

export const clearFolder = (path: string): void => rmSync(path, { recursive: true, force: true, maxRetries: 2 });

const kept = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => KEPT.test(name)) : [];

const sizeOf = (folder: string): number =>
  kept(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

/** Whole or not at all: another process may begin with it at this moment. */
function harvest(path: string, seed: string): void {
  const fresh = `${seed}-${randomBytes(8).toString("hex")}`;
  mkdirSync(fresh, { mode: 0o700 });
  try {
    for (const name of kept(path)) renameSync(join(path, name), join(fresh, name));
    rmSync(seed, { recursive: true, force: true });
    renameSync(fresh, seed);
  } catch {
    // Another run was first. Compiled code is only ever a matter of milliseconds.
    rmSync(fresh, { recursive: true, force: true });
  }
}
