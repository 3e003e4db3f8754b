import { fenced, inertTitle, inline } from "@prunella/plugin";
import type { Failure } from "./failure.ts";
import { trendOf, type Seen } from "./seen.ts";

/** The title of an issue: what failed, and nothing that calls or links. */
export const titleOf = ({ title }: Failure): string => inertTitle(title, 180);

/**
 * The issue: what happened, where it came from, how to get it again. All that a stranger could have written stands in
 * code; `notify` are the only names that are called.
 */
export function bodyOf(failure: Failure, notify: readonly string[], fix: string | null): string {
  const { facts, stack, sources, log, suspects, tried } = failure;
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
    ...(suspects === null
      ? []
      : ["", "### Suspects", "", [suspects[0], ...suspects.slice(1).map((one) => inline(one, 200))].join(" ")]),
    ...(tried.length === 0 ? [] : ["", "### What was tried", "", fenced(tried.join("\n"))]),
    "",
    "### To get it again",
    "",
    failure.again,
    ...(fix === null ? [] : ["", fix]),
    "",
    proofOf(failure),
  ].join("\n");
}

const changeOf = ({ seenIn }: Seen, before: Seen | null): string => {
  if (seenIn === null) return "";
  const earlier = before?.seenIn ?? null;
  return earlier === null || earlier === seenIn
    ? `, in ${inline(seenIn, 200)}`
    : `, in ${inline(seenIn, 200)} where it was ${inline(earlier, 200)} before`;
};

/** Where whoever doubts it finds that it was written down before it was sent. */
const proofOf = ({ fault }: Failure): string => {
  const shown =
    fault === null ? "`prunella ledger show --type issue_filed`" : `\`prunella ledger show --fault ${fault}\``;
  return `This was let through by the gate and written into the ledger before it was sent: ${shown}, checked by \`prunella ledger verify\`.`;
};

/** The one comment that counts. */
export function seenText(seen: Seen, before: Seen | null, cameBack: boolean, notify: readonly string[]): string {
  const { count, first, last } = seen;
  const trend = trendOf(seen, before);
  return [
    `Seen ${count} ${count === 1 ? "time" : "times"}, first ${inline(first)}, last ${inline(last)}.`,
    ...(trend === null ? [] : ["", trend]),
    ...(cameBack
      ? [
          "",
          `It was closed, and came back${changeOf(seen, before)}.${notify.length === 0 ? "" : ` For ${notify.join(" ")}`}`,
        ]
      : []),
  ].join("\n");
}
