/** The console as it is built today: once for all files of tests that look at it, in whatever process they run. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";

const PACKAGE = join(import.meta.dirname, "..");
const HOUSE = join(PACKAGE, "../..");
/** All that a build depends on. */
const SOURCES = [
  "packages/console/{index.html,package.json,vite.config.ts}",
  "packages/console/src/**/*.*",
  "packages/contract/package.json",
  "packages/contract/src/**/*.ts",
  "package-lock.json",
];
/** Far longer than a build takes, also on a machine that does much else. */
const STALE_MS = 200_000;
const LOOK_MS = 200;
const NAME = `prunella-pages-${process.getuid?.() ?? 0}-`;
const DAY_MS = 86_400_000;

/** A folder with the built pages. It stays: the next run of the same sources finds it. */
export async function builtPages(): Promise<string> {
  const folder = join(tmpdir(), `${NAME}${digestOfSources()}`);
  const lock = `${folder}.lock`;
  while (!existsSync(folder)) {
    if (!isOurs(lock)) {
      await wait(LOOK_MS);
      continue;
    }
    try {
      const half = `${folder}.half`;
      if (!existsSync(folder)) {
        forgetOld();
        await build(half);
        renameSync(half, folder);
      }
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
  return folder;
}

/** Making a folder succeeds for one of all who try. One that somebody left behind who was ended is taken over. */
function isOurs(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > STALE_MS) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

/** What was built of sources that were changed since. */
function forgetOld(): void {
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(NAME))) {
    const path = join(tmpdir(), name);
    const since = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > DAY_MS) rmSync(path, { recursive: true, force: true });
  }
}

async function build(into: string): Promise<void> {
  const vite = join(createRequire(import.meta.url).resolve("vite/package.json"), "..", "bin", "vite.js");
  await promisify(execFile)(process.execPath, [vite, "build", PACKAGE, "--outDir", into, "--emptyOutDir"], {
    // vitest sets NODE_ENV=test, which would build React's development version.
    env: { ...process.env, NODE_ENV: "production" },
  });
}

function digestOfSources(): string {
  const digest = createHash("sha256");
  for (const name of SOURCES.flatMap((pattern) => globSync(pattern, { cwd: HOUSE })).toSorted())
    if (statSync(join(HOUSE, name)).isFile()) digest.update(`${name}\n`).update(readFileSync(join(HOUSE, name)));
  return digest.digest("hex").slice(0, 16);
}
