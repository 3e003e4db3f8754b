import { resolve } from "node:path";
import { PrunellaError } from "@prunella/contract";
import type { PluginSource } from "@prunella/contract/plugins";
import { quoted } from "../../command-line.ts";

export interface SourceOptions {
  readonly commit?: string;
  readonly folder?: string;
}

/** A folder, or one commit of a git repository; the commit is said and never guessed. */
export function sourceOf(typed: string, { commit, folder }: SourceOptions): PluginSource {
  const isGit = /^[a-z]+:\/\//.test(typed);
  if (!isGit) {
    if (commit !== undefined || folder !== undefined)
      throw new PrunellaError("PRUNELLA_USAGE", { detail: "A folder has no --commit and no --folder." });
    return { kind: "path", path: resolve(typed) };
  }
  if (!/^(?:https?|ssh|file):\/\/[!-~]+$/.test(typed))
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "The address of a git repository begins with https://, http://, ssh:// or file://.",
    });
  if (commit === undefined || !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit))
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "A git repository needs the whole id of a commit: a branch or a tag can be another tomorrow.",
      hint: `Find it: git ls-remote ${quoted(typed)} HEAD`,
    });
  return { kind: "git", url: typed, commit, folder: folder ?? "" };
}
