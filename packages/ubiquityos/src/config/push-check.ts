import type { ConfigFile } from "./resolve.ts";
import type { ConfigMistake } from "./read.ts";

export interface PushedFile extends ConfigFile {
  /** Where the repository's pages are: `https://github.com`. */
  readonly host: string;
  readonly commit: string;
}

/** Where the comments of this check know themselves again: one comment a commit, put right in place. */
export const CHECK_MARKER = "<!-- prunella:config-check -->";

/**
 * The comment on a commit whose configuration has mistakes: each with a link to its line. It names nobody, and what
 * it quotes of the file stands in a fence.
 */
export function mistakesComment(file: PushedFile, mistakes: readonly ConfigMistake[]): string {
  const shown = mistakes.slice(0, MOST_SHOWN);
  const lines = shown.flatMap(({ line, message }) => [
    `> ${file.host}/${file.owner}/${file.repo}/blob/${file.commit}/${file.path}#L${line}`,
    ">",
    "> ```text",
    ...message.split("\n").map((part) => `> ${part.replaceAll("```", "'''")}`),
    "> ```",
    "",
  ]);
  const more = mistakes.length > shown.length ? [`And ${mistakes.length - shown.length} more.`, ""] : [];
  return [
    CHECK_MARKER,
    `\`${file.path}\` is not valid, so what it configures is as it was before.`,
    "",
    ...lines,
    ...more,
  ].join("\n");
}

const MOST_SHOWN = 20;
