import { z } from "zod";
import { ChangedFile, toPullFile } from "../changed-file.ts";
import { as } from "../asked.ts";
import type { Asked, RepoName } from "../forge.ts";
import { mergeOnce } from "../merge-once.ts";
import { each, pagesOf } from "../pages.ts";
import type { Check, ForgePull, ForgePullFacts, PullReview, Pulls } from "../pull.ts";
import { at, type GithubAsk, type Permissions } from "./ask.ts";

const User = z.object({ login: z.string() });
const Side = z.object({ ref: z.string(), sha: z.string(), repo: z.object({ full_name: z.string() }).nullish() });
const Pull = z.object({
  number: z.int(),
  html_url: z.string(),
  title: z.string(),
  body: z.string().nullish(),
  user: User.nullable(),
  state: z.string(),
  draft: z.boolean().optional(),
  merged_at: z.string().nullish(),
  labels: z.array(z.object({ name: z.string().nullish() })),
  base: Side,
  head: Side,
  requested_reviewers: z.array(User).nullish(),
  requested_teams: z.array(z.object({ slug: z.string() })).nullish(),
  created_at: z.string(),
  updated_at: z.string(),
});
const Pulled = Pull.extend({
  mergeable: z.boolean().nullable(),
  additions: z.int(),
  deletions: z.int(),
  changed_files: z.int(),
  merge_commit_sha: z.string().nullable(),
});
const Review = z.object({
  user: User.nullable(),
  state: z.string(),
  commit_id: z.string().nullish(),
  submitted_at: z.string().optional(),
});
const Permission = z.object({ permission: z.string() });
const CheckRun = z.object({
  name: z.string(),
  status: z.string(),
  conclusion: z.string().nullable(),
  html_url: z.string().nullish(),
});
const CheckRuns = z.object({ check_runs: z.array(CheckRun) });
const Statuses = z.object({
  statuses: z.array(z.object({ context: z.string(), state: z.string(), target_url: z.string().nullish() })),
});
const Merged = z.object({ sha: z.string(), merged: z.literal(true) });

const PAGE = 100;
/** GitHub itself gives no more than 3,000 files (REST API, "List pull requests files"). */
const PAGES = { size: PAGE, most: 10 };
const READ = { pull_requests: "read" } as const;
const PULL = "/repos/{owner}/{repo}/pulls/{pull_number}";

/** Pull requests on GitHub: what they change, who said what of them, and what ran on their heads. */
export function createPulls({ ask, myLogin }: GithubAsk): Pulls {
  const listed = <T>(
    route: string,
    of: RepoName & Readonly<Record<string, unknown>>,
    permissions: Permissions,
    schema: z.ZodType<readonly T[]>,
    signal: AbortSignal,
  ) => pagesOf<T>(PAGES, (page) => ask(route, { ...of, per_page: PAGE, page }, permissions, schema, signal));

  /** Whose word weighs: an association such as `MEMBER` says nothing of this repository. */
  async function writers(
    repo: RepoName,
    logins: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<Asked<Set<string>>> {
    const found = new Set<string>();
    for (const username of logins) {
      const route = "GET /repos/{owner}/{repo}/collaborators/{username}/permission";
      const asked = await ask(route, { ...at(repo), username }, { metadata: "read" }, Permission, signal);
      if (asked.ok && ["admin", "write"].includes(asked.value.permission)) found.add(username);
      if (!asked.ok && asked.refusal.reason !== "not_found") return asked;
    }
    return { ok: true, value: found };
  }

  const pulls: Pulls = {
    async openPulls(repo, signal) {
      const me = await myLogin(signal);
      if (!me.ok) return me;
      const of = { ...at(repo), state: "open", sort: "updated", direction: "desc" };
      const route = "GET /repos/{owner}/{repo}/pulls";
      return each(await listed(route, of, READ, z.array(Pull), signal), (pull) => pullOf(pull, me.value));
    },
    async pull(repo, number, signal) {
      const me = await myLogin(signal);
      if (!me.ok) return me;
      const of = { ...at(repo), pull_number: number };
      return as(await ask(`GET ${PULL}`, of, READ, Pulled, signal), (pull) => factsOf(pull, me.value));
    },
    async pullFiles(repo, number, signal) {
      const of = { ...at(repo), pull_number: number };
      return each(await listed(`GET ${PULL}/files`, of, READ, z.array(ChangedFile), signal), toPullFile);
    },
    async pullReviews(repo, number, signal) {
      const of = { ...at(repo), pull_number: number };
      const found = await listed(`GET ${PULL}/reviews`, of, READ, z.array(Review), signal);
      if (!found.ok) return found;
      const said = found.value.items.filter(({ state }) => state !== "PENDING");
      const logins = new Set(said.flatMap(({ user, state }) => (user && state !== "COMMENTED" ? [user.login] : [])));
      const trusted = await writers(repo, logins, signal);
      if (!trusted.ok) return trusted;
      return { ok: true, value: { items: said.map((one) => reviewOf(one, trusted.value)), isCut: found.value.isCut } };
    },
    async checks(repo, sha, signal) {
      const of = { ...at(repo), ref: sha };
      const runs = await pagesOf(PAGES, async (page) =>
        as(
          await ask(
            "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
            { ...of, per_page: PAGE, page },
            { checks: "read" },
            CheckRuns,
            signal,
          ),
          ({ check_runs }) => check_runs,
        ),
      );
      if (!runs.ok) return runs;
      const statuses = await pagesOf(PAGES, async (page) =>
        as(
          await ask(
            "GET /repos/{owner}/{repo}/commits/{ref}/status",
            { ...of, per_page: PAGE, page },
            { statuses: "read" },
            Statuses,
            signal,
          ),
          (found) => found.statuses,
        ),
      );
      if (!statuses.ok) return statuses;
      const items = [
        ...runs.value.items.map(runOf),
        ...statuses.value.items.map(({ context, state, target_url: url }) => ({
          name: context,
          state: stateOf(state),
          url: url ?? null,
        })),
      ];
      return { ok: true, value: { items, isCut: runs.value.isCut || statuses.value.isCut } };
    },
    mergePull: (repo, number, { head, method }, signal) =>
      mergeOnce({
        head,
        async merge() {
          const of = { ...at(repo), pull_number: number, sha: head, merge_method: method };
          return as(await ask(`PUT ${PULL}/merge`, of, { contents: "write" }, Merged, signal), ({ sha }) => sha);
        },
        look: () => pulls.pull(repo, number, signal),
      }),
  };
  return pulls;
}

const pullOf = (pull: z.infer<typeof Pull>, me: string): ForgePull => ({
  number: pull.number,
  url: pull.html_url,
  title: pull.title,
  body: pull.body ?? "",
  author: pull.user?.login ?? null,
  isOurs: pull.user?.login === me,
  state: pull.state === "closed" ? "closed" : "open",
  isMerged: pull.merged_at != null,
  isDraft: pull.draft === true,
  labels: pull.labels.map(({ name }) => name ?? ""),
  base: { ref: pull.base.ref, sha: pull.base.sha },
  head: { ref: pull.head.ref, sha: pull.head.sha, repo: pull.head.repo?.full_name ?? null },
  requested: [
    ...(pull.requested_reviewers ?? []).map(({ login }) => login),
    ...(pull.requested_teams ?? []).map(({ slug }) => slug),
  ],
  createdAt: Date.parse(pull.created_at),
  updatedAt: Date.parse(pull.updated_at),
});

const factsOf = (pull: z.infer<typeof Pulled>, me: string): ForgePullFacts => ({
  ...pullOf(pull, me),
  isMergeable: pull.mergeable,
  additions: pull.additions,
  deletions: pull.deletions,
  changedFiles: pull.changed_files,
  // Before it is merged, this is the commit of a trial.
  mergedAs: pull.merged_at == null ? null : pull.merge_commit_sha,
});

const REVIEWS: Readonly<Record<string, PullReview["state"]>> = {
  APPROVED: "approved",
  CHANGES_REQUESTED: "changes_requested",
  DISMISSED: "dismissed",
};
const reviewOf = (
  { user, state, commit_id, submitted_at }: z.infer<typeof Review>,
  writers: ReadonlySet<string>,
): PullReview => ({
  author: user?.login ?? null,
  state: REVIEWS[state] ?? "commented",
  sha: commit_id ?? null,
  mayWrite: user !== null && writers.has(user.login),
  at: submitted_at === undefined ? 0 : Date.parse(submitted_at),
});

const runOf = ({ name, status, conclusion, html_url: url }: z.infer<typeof CheckRun>): Check => ({
  name,
  state: status === "completed" ? stateOf(conclusion ?? "") : "pending",
  url: url ?? null,
});

/** What is no success, and is not known to be harmless, is a failure. */
function stateOf(said: string): Check["state"] {
  if (said === "success" || said === "pending") return said;
  return said === "neutral" || said === "skipped" ? "neutral" : "failure";
}
