import type { Asked, Forge, RepoName } from "@prunella/forge";
import type { IssuePort, Told } from "@prunella/kernel";

/** Two requests of ours each at most, and the permit for them is over after a minute. */
const ASK_MS = 25_000;
/** A clock of theirs may be behind ours: looked for since so much earlier than we first tried. */
const SKEW_MS = 600_000;

/** The place where faults are triaged, at a host of repositories; its token stays here. */
export function createIssuePort(forge: Forge): IssuePort {
  const signal = () => AbortSignal.timeout(ASK_MS);
  return {
    isPrivate: async (place) => told(await forge.isPrivate(nameOf(place), signal()), (value) => value),
    file: async (place, { since, ...draft }) =>
      told(await forge.openIssue(nameOf(place), { ...draft, since: since - SKEW_MS }, signal()), ({ issue }) => ({
        number: issue.number,
        url: issue.url,
      })),
    comment: async (place, issue, of) =>
      told(await forge.commentOnIssue(nameOf(place), issue, of, signal()), () => null),
    labelled: async (place, label) => told(await forge.labelled(nameOf(place), label, signal()), (value) => value),
  };
}

function nameOf(place: string): RepoName {
  const [owner = "", repo = ""] = place.split("/");
  return { owner, repo };
}

const told = <T, V>(asked: Asked<T>, of: (value: T) => V): Told<V> =>
  asked.ok
    ? { ok: true, value: of(asked.value) }
    : {
        ok: false,
        message: `The host of repositories: ${asked.refusal.message.slice(0, 200)}`,
        retryAfterMs: asked.refusal.retryAfterMs,
      };
