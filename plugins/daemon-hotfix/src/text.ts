import { fenced, inertTitle, inline } from "@prunella/plugin";
import type { Failure } from "./failure.ts";
import type { Seen } from "./seen.ts";

/** The title of an issue: what failed, and nothing that calls or links. */
export const titleOf = ({ title }: Failure): string => inertTitle(title, 180);

/**
 * The issue: what happened, where it came from, how to get it again. All that a stranger could have written stands in
 * code; `notify` are the only names that are called.
 */
export function bodyOf(failure: Failure, notify: readonly string[], fix: string | null): string {
  const { facts, stack, sources, log } = failure;
  return [
    `${inline(failure.title, 300)} failed, first seen ${inline(failure.at)}.`,
    ...(notify.length === 0 ? [] : ["", `For ${notify.join(" ")}`]),
    "",
    ...facts.map(([name, value]) => `- ${name}: ${inline(value, 300)}`),
    ...(stack === null ? [] : ["", "### What it said", "", fenced(stack.slice(0, 8_000))]),
    ...(log.length === 0 ? [] : ["", "### Before it", "", fenced(log.join("\n"))]),
    ...(sources.length === 0
      ? []
      : ["", "### Configuration that it ran with", "", ...sources.map((one) => `- ${inline(one, 300)}`)]),
    "",
    "### To get it again",
    "",
    failure.again,
    ...(fix === null ? [] : ["", fix]),
  ].join("\n");
}

/** The one comment that counts. */
export function seenText({ count, first, last }: Seen, cameBack: boolean, notify: readonly string[]): string {
  return [
    `Seen ${count} ${count === 1 ? "time" : "times"}, first ${inline(first)}, last ${inline(last)}.`,
    ...(cameBack ? ["", `It was closed, and came back.${notify.length === 0 ? "" : ` For ${notify.join(" ")}`}`] : []),
  ].join("\n");
}
