import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** Text of a file, by its path below the root. */
export const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** Paths below the root of every file that git keeps or would keep, in order. */
export function trackedFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const gone = execFileSync("git", ["ls-files", "--deleted", "-z"], { cwd: ROOT, encoding: "utf8" });
  const deleted = new Set(gone.split("\0"));
  return listed
    .split("\0")
    .filter((path) => path !== "" && !deleted.has(path))
    .toSorted();
}

export const lineCount = (text: string): number => text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
