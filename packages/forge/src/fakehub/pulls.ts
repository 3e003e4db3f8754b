import type { Context, Hono } from "hono";
import { pageOf } from "./page.ts";
import { headRef, type FakePull, type FakeRepo } from "./state.ts";

interface Tools {
  readonly clock: { now(): number };
  readonly pages: string;
  document(name: string, known: unknown): unknown;
  no(context: Context, status: 404 | 405 | 409 | 422, message: string): Response;
  repoFor(context: Context, permission: string, access: "read" | "write"): FakeRepo | Response;
  loginOf(context: Context): string;
  user(login: string): object;
}

/** The routes of pull requests, of what ran on commits, and of who may write. */
export function mountPulls(app: Hono, { clock, pages, document, no, repoFor, loginOf, user }: Tools): void {
  const side = (repo: FakeRepo, ref: string, sha: string) => ({
    ref,
    sha,
    label: `${repo.owner}:${ref}`,
    user: user(repo.owner),
    repo: { full_name: `${repo.owner}/${repo.name}`, name: repo.name, owner: user(repo.owner) },
  });
  const at = (ms: number) => new Date(ms).toISOString();

  /** The commits of its two branches: those that they are at, or were at when it ended. */
  function shasOf(refs: ReadonlyMap<string, string>, pull: FakePull) {
    const base = pull.state === "open" ? refs.get(`refs/heads/${pull.base}`) : undefined;
    return { base: base ?? pull.baseSha, head: refs.get(headRef(pull)) ?? pull.baseSha };
  }

  const known = (repo: FakeRepo, pull: FakePull, { base, head }: ReturnType<typeof shasOf>) => ({
    id: pull.number,
    number: pull.number,
    html_url: `${pages}/${repo.owner}/${repo.name}/pull/${pull.number}`,
    title: pull.title,
    body: pull.body,
    user: user(pull.author),
    state: pull.state,
    draft: pull.isDraft,
    locked: false,
    labels: pull.labels.map((name, id) => ({ id, name, color: "ededed", default: false })),
    base: side(repo, pull.base, base),
    head: side(repo, pull.head, head),
    requested_reviewers: pull.requested.map(user),
    requested_teams: [],
    merged_at: pull.mergedAs === null ? null : at(pull.updatedAt),
    merge_commit_sha: pull.mergedAs,
    author_association: "NONE",
    created_at: at(pull.createdAt),
    updated_at: at(pull.updatedAt),
    closed_at: pull.state === "closed" ? at(pull.updatedAt) : null,
  });

  const find = (context: Context, permission: string, access: "read" | "write") => {
    const repo = repoFor(context, permission, access);
    if (repo instanceof Response) return repo;
    const pull = repo.pulls.find(({ number }) => String(number) === context.req.param("number"));
    return pull === undefined ? no(context, 404, "Not Found") : { repo, pull };
  };

  app.get("/repos/:owner/:repo/pulls", async (context) => {
    const repo = repoFor(context, "pull_requests", "read");
    if (repo instanceof Response) return repo;
    const { state = "open" } = context.req.query();
    const found = repo.pulls
      .filter((pull) => state === "all" || pull.state === state)
      .toSorted((a, b) => a.updatedAt - b.updatedAt);
    const refs = await repo.git.refs();
    return context.json(
      pageOf(context, found.toReversed()).map((pull) =>
        document("pull-request-simple", known(repo, pull, shasOf(refs, pull))),
      ),
    );
  });

  app.get("/repos/:owner/:repo/pulls/:number", async (context) => {
    const found = find(context, "pull_requests", "read");
    if (found instanceof Response) return found;
    const { repo, pull } = found;
    const shas = shasOf(await repo.git.refs(), pull);
    const [files, tried] = await Promise.all([
      repo.git.changes(shas.base, shas.head),
      pull.state === "open" ? repo.git.tryMerge(shas.base, shas.head) : null,
    ]);
    const facts = {
      ...known(repo, pull, shas),
      merged: pull.mergedAs !== null,
      mergeable: tried === null ? null : tried !== "conflict",
      mergeable_state: "unknown",
      changed_files: files.length,
      additions: files.reduce((sum, file) => sum + file.additions, 0),
      deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    };
    return context.json(document("pull-request", facts));
  });

  app.get("/repos/:owner/:repo/pulls/:number/files", async (context) => {
    const found = find(context, "pull_requests", "read");
    if (found instanceof Response) return found;
    const { base, head } = shasOf(await found.repo.git.refs(), found.pull);
    const files = await found.repo.git.changes(base, head);
    return context.json(pageOf(context, files).map((file) => document("diff-entry", file)));
  });

  app.get("/repos/:owner/:repo/pulls/:number/reviews", (context) => {
    const found = find(context, "pull_requests", "read");
    if (found instanceof Response) return found;
    const reviews = found.pull.reviews.map(({ author, state, sha, body, createdAt }, id) =>
      document("pull-request-review", {
        id,
        user: user(author),
        state,
        commit_id: sha,
        body,
        submitted_at: at(createdAt),
        author_association: "MEMBER",
      }),
    );
    return context.json(pageOf(context, reviews));
  });

  app.put("/repos/:owner/:repo/pulls/:number/merge", async (context) => {
    const found = find(context, "contents", "write");
    if (found instanceof Response) return found;
    const { repo, pull } = found;
    const { sha, merge_method: method = "merge" } = await context.req.json<{ sha?: string; merge_method?: string }>();
    if (pull.state === "closed" || pull.isDraft) return no(context, 405, "Pull Request is not mergeable");
    // As a repository answers whose owner switched them off.
    if (method === "rebase") return no(context, 405, "Rebase merges are not allowed on this repository.");
    const { base, head } = shasOf(await repo.git.refs(), pull);
    if (sha !== undefined && sha !== head)
      return no(context, 409, "Head branch was modified. Review and try the merge again.");
    const tried = await repo.git.tryMerge(base, head);
    if (tried === null || tried === "conflict") return no(context, 405, "Pull Request is not mergeable");
    const mergedAs = await repo.git.land({
      branch: pull.base,
      tree: tried.tree,
      parents: method === "squash" ? [base] : [base, head],
      author: loginOf(context),
      message:
        method === "squash"
          ? `${pull.title} (#${pull.number})\n`
          : `Merge pull request #${pull.number} from ${repo.owner}/${pull.head}\n\n${pull.title}\n`,
      atMs: clock.now(),
    });
    if (mergedAs === null) return no(context, 409, "Base branch was modified. Review and try the merge again.");
    Object.assign(pull, { state: "closed", mergedAs, baseSha: base, updatedAt: clock.now() });
    return context.json(
      document("pull-request-merge-result", {
        sha: mergedAs,
        merged: true,
        message: "Pull Request successfully merged",
      }),
    );
  });

  app.get("/repos/:owner/:repo/commits/:ref/check-runs", async (context) => {
    const repo = repoFor(context, "checks", "read");
    if (repo instanceof Response) return repo;
    const sha = await repo.git.commitOf(context.req.param("ref"));
    if (sha === null) return no(context, 422, `No commit found for SHA: ${context.req.param("ref")}`);
    const runs = repo.checks.filter((check) => check.kind === "run" && check.sha === sha);
    const check_runs = pageOf(context, runs).map(({ name, status, conclusion }, id) =>
      document("check-run", { id, name, head_sha: sha, status, conclusion, html_url: null }),
    );
    return context.json({ total_count: runs.length, check_runs });
  });

  app.get("/repos/:owner/:repo/commits/:ref/status", async (context) => {
    const repo = repoFor(context, "statuses", "read");
    if (repo instanceof Response) return repo;
    const sha = await repo.git.commitOf(context.req.param("ref"));
    if (sha === null) return no(context, 404, "Not Found");
    const found = repo.checks.filter((check) => check.kind === "status" && check.sha === sha);
    const statuses = pageOf(context, found).map(({ name, status }, id) =>
      document("simple-commit-status", { id, context: name, state: status, target_url: null }),
    );
    const combined = { sha, state: "pending", total_count: found.length, statuses };
    return context.json(document("combined-commit-status", combined));
  });

  app.get("/repos/:owner/:repo/collaborators/:login/permission", (context) => {
    const repo = repoFor(context, "metadata", "read");
    if (repo instanceof Response) return repo;
    const login = context.req.param("login");
    const permission = repo.writers.has(login) ? "write" : "read";
    const facts = { permission, role_name: permission, user: null };
    return context.json(document("repository-collaborator-permission", facts));
  });
}
