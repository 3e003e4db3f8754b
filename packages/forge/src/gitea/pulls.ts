import { z } from "zod";
import { ChangedFile, toPullFile } from "../changed-file.ts";
import { as } from "../asked.ts";
import { mergeOnce } from "../merge-once.ts";
import { each, pagesOf } from "../pages.ts";
import type { Check, ForgePull, ForgePullFacts, PullReview, Pulls } from "../pull.ts";
import type { GiteaAsk } from "./ask.ts";
import type { MyLogin } from "./login.ts";
import { repoPath } from "./repo-path.ts";

const User = z.object({ login: z.string() });
const Side = z.object({ ref: z.string(), sha: z.string(), repo: z.object({ full_name: z.string() }).nullish() });
const Pull = z.object({
  number: z.int(),
  html_url: z.string(),
  title: z.string(),
  body: z.string(),
  user: User.nullable(),
  state: z.string(),
  draft: z.boolean(),
  merged: z.boolean(),
  mergeable: z.boolean(),
  labels: z.array(z.object({ name: z.string() })).nullable(),
  base: Side,
  head: Side,
  requested_reviewers: z.array(User.nullable()).nullish(),
  requested_reviewers_teams: z.array(z.object({ name: z.string() }).nullable()).nullish(),
  created_at: z.string(),
  updated_at: z.string(),
  additions: z.int().optional(),
  deletions: z.int().optional(),
  changed_files: z.int().optional(),
  merge_commit_sha: z.string().nullish(),
});
const Review = z.object({
  user: User.nullable(),
  state: z.string(),
  commit_id: z.string(),
  dismissed: z.boolean(),
  submitted_at: z.string(),
});
const Users = z.array(User);
const Status = z.object({ status: z.string(), context: z.string(), target_url: z.string() });
const Combined = z.object({ statuses: z.array(Status).nullable() });

const LIMIT = 50;
/** A host may give fewer than asked for: only an empty page is the last one. */
const PAGES = { size: null, most: 20 };

/** Pull requests on Gitea and Forgejo. Its Actions report as statuses of the commit, so those are all its checks. */
export function createPulls(ask: GiteaAsk, myLogin: MyLogin): Pulls {
  const pulls: Pulls = {
    async openPulls(repo, signal) {
      const me = await myLogin(signal);
      if (!me.ok) return me;
      const found = await pagesOf(PAGES, (page) => {
        const query = { state: "open", sort: "recentupdate", limit: LIMIT, page };
        return ask({ path: `${repoPath(repo)}/pulls`, query }, z.array(Pull), signal);
      });
      return each(found, (pull) => pullOf(pull, me.value));
    },
    async pull(repo, number, signal) {
      const me = await myLogin(signal);
      if (!me.ok) return me;
      const asked = await ask({ path: `${repoPath(repo)}/pulls/${number}` }, Pull, signal);
      return as(asked, (pull) => factsOf(pull, me.value));
    },
    async pullFiles(repo, number, signal) {
      const path = `${repoPath(repo)}/pulls/${number}/files`;
      const read = (page: number) => ask({ path, query: { limit: LIMIT, page } }, z.array(ChangedFile), signal);
      return each(await pagesOf(PAGES, read), toPullFile);
    },
    async pullReviews(repo, number, signal) {
      const path = `${repoPath(repo)}/pulls/${number}/reviews`;
      const read = (page: number) => ask({ path, query: { limit: LIMIT, page } }, z.array(Review), signal);
      const found = await pagesOf(PAGES, read);
      if (!found.ok) return found;
      // Who may be assigned is who may write; what one may do by name is told to administrators alone.
      const asked = await ask({ path: `${repoPath(repo)}/assignees` }, Users, signal);
      if (!asked.ok) return asked;
      const writers = new Set(asked.value.map(({ login }) => login));
      const items = found.value.items.flatMap((review) => reviewOf(review, writers));
      return { ok: true, value: { items, isCut: found.value.isCut } };
    },
    async checks(repo, sha, signal) {
      const path = `${repoPath(repo)}/commits/${encodeURIComponent(sha)}/status`;
      const found = await pagesOf(PAGES, async (page) =>
        as(await ask({ path, query: { limit: LIMIT, page } }, Combined, signal), ({ statuses }) => statuses ?? []),
      );
      return each(found, checkOf);
    },
    mergePull: (repo, number, { head, method }, signal) =>
      mergeOnce({
        head,
        async merge() {
          const path = `${repoPath(repo)}/pulls/${number}/merge`;
          const body = { Do: method, head_commit_id: head, force_merge: false, delete_branch_after_merge: false };
          return as(await ask({ method: "POST", path, body }, z.null(), signal), () => null);
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
  body: pull.body,
  author: pull.user?.login ?? null,
  isOurs: pull.user?.login === me,
  state: pull.state === "closed" ? "closed" : "open",
  isMerged: pull.merged,
  isDraft: pull.draft,
  labels: (pull.labels ?? []).map(({ name }) => name),
  base: { ref: pull.base.ref, sha: pull.base.sha },
  head: { ref: pull.head.ref, sha: pull.head.sha, repo: pull.head.repo?.full_name ?? null },
  requested: [
    ...(pull.requested_reviewers ?? []).flatMap((one) => (one === null ? [] : [one.login])),
    ...(pull.requested_reviewers_teams ?? []).flatMap((one) => (one === null ? [] : [one.name])),
  ],
  createdAt: Date.parse(pull.created_at),
  updatedAt: Date.parse(pull.updated_at),
});

const factsOf = (pull: z.infer<typeof Pull>, me: string): ForgePullFacts => ({
  ...pullOf(pull, me),
  // A draft is never mergeable here, whatever it changes.
  isMergeable: pull.mergeable || !pull.draft ? pull.mergeable : null,
  additions: pull.additions ?? 0,
  deletions: pull.deletions ?? 0,
  changedFiles: pull.changed_files ?? 0,
  mergedAs: pull.merged ? (pull.merge_commit_sha ?? null) : null,
});

const REVIEWS: Readonly<Record<string, PullReview["state"]>> = {
  APPROVED: "approved",
  REQUEST_CHANGES: "changes_requested",
  COMMENT: "commented",
};

/** Requests of reviews and what is not sent yet stand in the same list, and are none. */
function reviewOf(
  { user, state, commit_id: sha, dismissed, submitted_at }: z.infer<typeof Review>,
  writers: ReadonlySet<string>,
): PullReview[] {
  const said = REVIEWS[state];
  if (said === undefined) return [];
  const mayWrite = user !== null && writers.has(user.login);
  const at = Date.parse(submitted_at);
  return [{ author: user?.login ?? null, state: dismissed ? "dismissed" : said, sha: sha || null, mayWrite, at }];
}

const CHECKS: Readonly<Record<string, Check["state"]>> = {
  success: "success",
  pending: "pending",
  skipped: "neutral",
};
/** What is no success, and is not known to be harmless, is a failure. */
const checkOf = ({ status, context, target_url: url }: z.infer<typeof Status>): Check => ({
  name: context,
  state: CHECKS[status] ?? "failure",
  url: url === "" ? null : url,
});
