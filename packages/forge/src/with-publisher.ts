import { as } from "./asked.ts";
import type { Asked, Forge, RepoName } from "./forge.ts";

/**
 * Two identities as one: what publishes is done by the second, in the repositories that were opted in and in no other,
 * and everything else by the first. What either of them opened is ours.
 */
export function withPublisher<T extends Forge>(triage: T, of: { publisher: Forge; repos: readonly string[] }): T {
  const opted = new Set(of.repos.map((repo) => repo.toLowerCase()));
  return {
    ...triage,
    async pull(repo, number, signal) {
      const asked = await triage.pull(repo, number, signal);
      if (!asked.ok) return asked;
      const { isOurs, author } = asked.value;
      const other = await of.publisher.me(signal);
      return as(other, (login) => ({ ...asked.value, isOurs: isOurs || author === login }));
    },
    async openPulls(repo, signal) {
      const asked = await triage.openPulls(repo, signal);
      if (!asked.ok) return asked;
      const other = await of.publisher.me(signal);
      return as(other, (login) => {
        const items = asked.value.items.map((pull) => ({ ...pull, isOurs: pull.isOurs || pull.author === login }));
        return { items, isCut: asked.value.isCut };
      });
    },
    async mergePull(repo: RepoName, ...given: Given) {
      if (!opted.has(`${repo.owner}/${repo.repo}`.toLowerCase())) return NOT_OPTED;
      return of.publisher.mergePull(repo, ...given);
    },
  };
}

type Given = Parameters<Forge["mergePull"]> extends [unknown, ...infer Rest] ? Rest : never;

const NOT_OPTED = {
  ok: false,
  refusal: {
    reason: "forbidden",
    status: 403,
    message: "Nothing is published there: the repository is not in forge.publisher.repos.",
    retryAfterMs: null,
  },
} as const satisfies Asked<never>;
