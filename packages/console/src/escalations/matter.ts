import type { Attempt, Escalation } from "@prunella/contract";
import { shortSpan } from "../parts/time.tsx";
import { plural, targetWords } from "../parts/words.ts";

/** What is the matter, in plain words: the title of the question, of its page and of its tab. */
export function matterWords({ asker, target, status }: Pick<Escalation, "asker" | "target" | "status">): string {
  const name = targetWords(target);
  const isOpen = status === "open";
  switch (asker) {
    case "restart":
    case "start":
      return `${name} ${isOpen ? "is" : "was"} down`;
    case "stop":
      return `${name} could not be stopped`;
    case "promote_issue":
      return isOpen ? "A fault may become public" : "A fault was to become public";
    case "work":
      return isOpen ? "A step of Prunella keeps failing" : "A step of Prunella kept failing";
    default:
      if (target.startsWith("heartbeat:")) return `${name.slice("heartbeat:".length)} ${isOpen ? "is" : "was"} silent`;
      return `${name} ${isOpen ? "needs" : "needed"} a decision`;
  }
}

const NOUNS: Readonly<Record<string, string>> = { restart: "restart", start: "start" };

/**
 * What was tried of late, as one sentence: "6 restarts in 13 s, none held longer than 3.3 s". What held
 * ends the story; what came before it is another one. Refusals are no tries.
 */
export function triedWords(attempts: readonly Attempt[]): string {
  const newestFirst = attempts
    .filter(({ state }) => state !== "refused")
    .toSorted((one, other) => other.created_at - one.created_at);
  const held = newestFirst.findIndex(({ verification }) => verification === "held");
  const tries = held === -1 ? newestFirst : newestFirst.slice(0, held);
  const [newest] = tries;
  const oldest = tries.at(-1);
  if (newest === undefined || oldest === undefined)
    return held === -1 ? "Nothing was tried." : "Nothing was tried since it last held.";
  const count = plural(tries.length, NOUNS[oldest.action ?? ""] ?? "attempt");
  const first = oldest.started_at ?? oldest.created_at;
  const last = newest.verified_at ?? newest.ended_at ?? newest.created_at;
  const within = tries.length === 1 ? "" : ` in ${shortSpan(Math.max(0, last - first))}`;
  return `${count}${within}${endings(tries)}.`;
}

function endings(tries: readonly Attempt[]): string {
  const lasted = tries.flatMap(({ verification, ended_at: from, verified_at: until }) =>
    verification === "ineffective" && from !== null && until !== null ? [Math.max(0, until - from)] : [],
  );
  const failed = tries.filter(({ state }) => state === "failed").length;
  const isWatched = tries.some(({ verification }) => verification === "watching");
  const longest = Math.max(...lasted);
  const words: string[] = [];
  if (lasted.length > 0)
    words.push(
      tries.length === 1
        ? `it failed again after ${shortSpan(longest)}`
        : `none held longer than ${shortSpan(longest)}`,
    );
  if (failed > 0) words.push(tries.length === 1 ? "it could not be done" : `${failed} could not be done`);
  if (isWatched) words.push(tries.length === 1 ? "it is watched now" : "the last is watched now");
  return words.map((each) => `, ${each}`).join("");
}
