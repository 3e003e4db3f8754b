import type { Context, Hono } from "hono";
import { pageOf } from "./page.ts";
import { blobSha, shaOf, type FakePull, type FakeRepo } from "./state.ts";

interface Tools {
  readonly clock: { now(): number };
  readonly pages: string;
  document(name: string, known: unknown): unknown;
  no(context: Context, status: 404 | 405 | 409, message: string): Response;
  repoFor(context: Context, permission: string, access: "read" | "write"): FakeRepo | Response;
  user(login: string): object;
}

/** The routes of pull requests, of what ran on commits, and of who may write. */
export function mountPulls(app: Hono, { clock, pages, document, no, repoFor, user }: Tools): void {
  const side = (repo: FakeRepo, ref: string, sha: string) => ({
    ref,
    sha,
    label: `${repo.owner}:${ref}`,
    user: user(repo.owner),
    repo: { full_name: `${repo.owner}/${repo.name}`, name: repo.name, owner: user(repo.owner) },
  });
  const at = (ms: number) => new Date(ms).toISOString();

  const known = (repo: FakeRepo, pull: FakePull) => ({
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
    base: side(repo, pull.base, shaOf(repo, pull.base)),
    head: side(repo, pull.head, pull.merged?.head ?? shaOf(repo, pull.head)),
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

  app.get("/repos/:owner/:repo/pulls", (context) => {
    const repo = repoFor(context, "pull_requests", "read");
    if (repo instanceof Response) return repo;
    const { state = "open" } = context.req.query();
    const found = repo.pulls
      .filter((pull) => state === "all" || pull.state === state)
      .toSorted((a, b) => a.updatedAt - b.updatedAt);
    return context.json(
      pageOf(context, found.toReversed()).map((pull) => document("pull-request-simple", known(repo, pull))),
    );
  });

  app.get("/repos/:owner/:repo/pulls/:number", (context) => {
    const found = find(context, "pull_requests", "read");
    if (found instanceof Response) return found;
    const { repo, pull } = found;
    const files = changesOf(repo, pull);
    const facts = {
      ...known(repo, pull),
      merged: pull.mergedAs !== null,
      mergeable: pull.state === "open" ? !conflicts(repo, pull) : null,
      mergeable_state: "unknown",
      changed_files: files.length,
      additions: files.reduce((sum, file) => sum + file.additions, 0),
      deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    };
    return context.json(document("pull-request", facts));
  });

  app.get("/repos/:owner/:repo/pulls/:number/files", (context) => {
    const found = find(context, "pull_requests", "read");
    if (found instanceof Response) return found;
    return context.json(pageOf(context, changesOf(found.repo, found.pull)).map((file) => document("diff-entry", file)));
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
    const { sha } = await context.req.json<{ sha?: string }>();
    if (pull.state === "closed" || pull.isDraft || conflicts(repo, pull))
      return no(context, 405, "Pull Request is not mergeable");
    const head = shaOf(repo, pull.head);
    if (sha !== undefined && sha !== head)
      return no(context, 409, "Head branch was modified. Review and try the merge again.");
    const base = repo.branches.get(pull.base);
    const branch = repo.branches.get(pull.head);
    for (const { filename } of changesOf(repo, pull)) {
      const text = branch?.get(filename);
      if (text === undefined) base?.delete(filename);
      else base?.set(filename, text);
    }
    const mergedAs = shaOf(repo, pull.base);
    const merged = { head, files: new Map(branch) };
    Object.assign(pull, { state: "closed", mergedAs, merged, updatedAt: clock.now() });
    return context.json(
      document("pull-request-merge-result", {
        sha: mergedAs,
        merged: true,
        message: "Pull Request successfully merged",
      }),
    );
  });

  app.get("/repos/:owner/:repo/commits/:ref/check-runs", (context) => {
    const repo = repoFor(context, "checks", "read");
    if (repo instanceof Response) return repo;
    const sha = context.req.param("ref");
    const runs = repo.checks.filter((check) => check.kind === "run" && check.sha === sha);
    const check_runs = pageOf(context, runs).map(({ name, status, conclusion }, id) =>
      document("check-run", { id, name, head_sha: sha, status, conclusion, html_url: null }),
    );
    return context.json({ total_count: runs.length, check_runs });
  });

  app.get("/repos/:owner/:repo/commits/:ref/status", (context) => {
    const repo = repoFor(context, "statuses", "read");
    if (repo instanceof Response) return repo;
    const sha = context.req.param("ref");
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

interface Change {
  readonly filename: string;
  readonly status: "added" | "removed" | "modified";
  readonly additions: number;
  readonly deletions: number;
  readonly changes: number;
  readonly sha: string | null;
}

/** What the branch changed since it left its base. */
function changesOf(repo: FakeRepo, pull: FakePull): Change[] {
  const now = pull.merged?.files ?? repo.branches.get(pull.head) ?? new Map<string, string>();
  return [...new Set([...pull.from.keys(), ...now.keys()])]
    .toSorted()
    .filter((path) => pull.from.get(path) !== now.get(path))
    .map((filename) => {
      const [before, after] = [pull.from.get(filename), now.get(filename)];
      const additions = beyond(linesOf(after), linesOf(before));
      const deletions = beyond(linesOf(before), linesOf(after));
      const status = before === undefined ? "added" : after === undefined ? "removed" : "modified";
      const sha = after === undefined ? null : blobSha(after);
      return { filename, status, additions, deletions, changes: additions + deletions, sha };
    });
}

/** Both sides changed the same file, and not to the same. */
const conflicts = (repo: FakeRepo, pull: FakePull): boolean =>
  changesOf(repo, pull).some(({ filename }) => {
    const there = repo.branches.get(pull.base)?.get(filename);
    return there !== pull.from.get(filename) && there !== repo.branches.get(pull.head)?.get(filename);
  });

const linesOf = (text: string | undefined): string[] =>
  text === undefined || text === "" ? [] : text.replace(/\n$/, "").split("\n");

/** How many lines one has more often than the other. */
function beyond(lines: readonly string[], others: readonly string[]): number {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  }).length;
}
