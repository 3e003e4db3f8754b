import { statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { readWhole } from "./files.ts";

/** Folders that are looked at on the way up. */
const MAX_LEVELS = 40;

/** Address of `origin` of the repository around `folder`, read from its files; null when there is none. Starts no process. */
export function originOf(folder: string): string | null {
  let at = resolve(folder);
  for (let level = 0; level < MAX_LEVELS; level++) {
    const config = configBelow(at);
    if (config !== null) return originIn(config);
    if (dirname(at) === at) return null;
    at = dirname(at);
  }
  return null;
}

function configBelow(folder: string): string | null {
  const git = join(folder, ".git");
  const kind = statSync(git, { throwIfNoEntry: false });
  if (kind === undefined) return null;
  if (kind.isDirectory()) return text(join(git, "config")) ?? "";
  // A worktree or submodule: `.git` names the folder, and that may name the one with the configuration.
  const named = /^gitdir: (.{1,4000})$/m.exec(text(git) ?? "")?.[1]?.trim();
  if (named === undefined) return "";
  const own = isAbsolute(named) ? named : join(folder, named);
  const shared = text(join(own, "commondir"))?.trim();
  return text(join(shared === undefined ? own : resolve(own, shared), "config")) ?? "";
}

function originIn(config: string): string | null {
  let inOrigin = false;
  for (const line of config.split(/\r?\n/).slice(0, 5000)) {
    if (/^\s*\[/.test(line)) inOrigin = /^\s*\[\s*remote\s+"origin"\s*\]/.test(line);
    else if (inOrigin) {
      const [, url] = /^\s*url\s*=\s*(\S.{0,2000}?)\s*$/.exec(line) ?? [];
      if (url !== undefined) return url;
    }
  }
  return null;
}

function text(path: string): string | null {
  return readWhole(path)?.toString("utf8") ?? null;
}
