import type { Context, Hono } from "hono";
import { pageOf } from "./page.ts";
import { nextNumber, type FakeComment, type FakeIssue, type FakeRepo, type FakeState } from "./state.ts";

interface Tools {
  readonly state: FakeState;
  readonly clock: { now(): number };
  readonly pages: string;
  document(name: string, known: unknown): unknown;
  no(context: Context, status: 401 | 403 | 404 | 422, message: string): Response;
  repoFor(context: Context, permission: string, access: "read" | "write"): FakeRepo | Response;
  loginOf(context: Context): string;
  user(login: string): object;
}

/** The routes of issues and of their comments. */
export function mountIssues(app: Hono, tools: Tools): void {
  const { state, clock, pages, document, no, repoFor, loginOf, user } = tools;

  const facts = ({ owner, name }: FakeRepo, issue: FakeIssue) => {
    const url = `${pages}/${owner}/${name}/issues/${issue.number}`;
    const known = {
      id: issue.number,
      number: issue.number,
      title: issue.title,
      body: issue.body,
      state: issue.state,
      state_reason: issue.stateReason,
      html_url: url,
      user: user(issue.author),
      labels: issue.labels.map((label, at) => ({ id: at, name: label, color: "ededed", default: false })),
      locked: false,
      assignee: null,
      milestone: null,
      comments: 0,
      author_association: "NONE",
      closed_at: issue.state === "closed" ? new Date(issue.updatedAt).toISOString() : null,
      created_at: new Date(issue.createdAt).toISOString(),
      updated_at: new Date(issue.updatedAt).toISOString(),
    };
    return document("issue", known);
  };
  const commentFacts = ({ id, body, author }: FakeComment) =>
    document("issue-comment", { id, body, user: user(author), author_association: "NONE" });
  const issueFor = (repo: FakeRepo, context: Context) =>
    repo.issues.find(({ number }) => String(number) === context.req.param("number"));

  app.get("/repos/:owner/:repo/issues", (context) => {
    const repo = repoFor(context, "issues", "read");
    if (repo instanceof Response) return repo;
    const { state: wanted = "open", creator, since, labels } = context.req.query();
    const found = repo.issues.filter(
      (issue) =>
        (wanted === "all" || issue.state === wanted) &&
        (creator === undefined || issue.author === creator) &&
        (labels === undefined || labels.split(",").every((label) => issue.labels.includes(label))) &&
        (since === undefined || issue.updatedAt >= Date.parse(since)),
    );
    return context.json(pageOf(context, found.toReversed()).map((issue) => facts(repo, issue)));
  });

  app.post("/repos/:owner/:repo/issues", async (context) => {
    const repo = repoFor(context, "issues", "write");
    if (repo instanceof Response) return repo;
    const asked = await context.req.json<{ title?: string; body?: string; labels?: string[] }>();
    if (typeof asked.title !== "string" || asked.title === "") return no(context, 422, "Validation Failed");
    const issue: FakeIssue = {
      number: nextNumber(repo),
      author: loginOf(context),
      createdAt: clock.now(),
      updatedAt: clock.now(),
      title: asked.title,
      body: asked.body ?? "",
      state: "open",
      stateReason: null,
      labels: asked.labels ?? [],
    };
    repo.issues.push(issue);
    return context.json(facts(repo, issue), 201);
  });

  app.get("/repos/:owner/:repo/issues/:number", (context) => {
    const repo = repoFor(context, "issues", "read");
    if (repo instanceof Response) return repo;
    const issue = issueFor(repo, context);
    return issue === undefined ? no(context, 404, "Not Found") : context.json(facts(repo, issue));
  });

  app.patch("/repos/:owner/:repo/issues/:number", async (context) => {
    const repo = repoFor(context, "issues", "write");
    if (repo instanceof Response) return repo;
    const issue = issueFor(repo, context);
    if (issue === undefined) return no(context, 404, "Not Found");
    const asked = await context.req.json<{ title?: string; body?: string; state?: "open" | "closed" }>();
    issue.title = asked.title ?? issue.title;
    issue.body = asked.body ?? issue.body;
    if (asked.state !== undefined && asked.state !== issue.state)
      Object.assign(issue, { state: asked.state, stateReason: asked.state === "open" ? "reopened" : "completed" });
    issue.updatedAt = clock.now();
    return context.json(facts(repo, issue));
  });

  app.get("/repos/:owner/:repo/issues/:number/comments", (context) => {
    const repo = repoFor(context, "issues", "read");
    if (repo instanceof Response) return repo;
    const found = repo.comments.filter(({ on }) => on === `issue:${context.req.param("number")}`);
    return context.json(pageOf(context, found).map(commentFacts));
  });

  app.post("/repos/:owner/:repo/issues/:number/comments", async (context) => {
    const repo = repoFor(context, "issues", "write");
    if (repo instanceof Response) return repo;
    const { body } = await context.req.json<{ body: string }>();
    const on = `issue:${context.req.param("number")}`;
    const comment: FakeComment = { id: (state.nextId += 1), on, author: loginOf(context), body };
    repo.comments.push(comment);
    return context.json(commentFacts(comment), 201);
  });

  app.patch("/repos/:owner/:repo/issues/comments/:id", async (context) => {
    const repo = repoFor(context, "issues", "write");
    if (repo instanceof Response) return repo;
    const comment = repo.comments.find(({ id }) => String(id) === context.req.param("id"));
    if (comment === undefined) return no(context, 404, "Not Found");
    if (comment.author !== loginOf(context)) return no(context, 403, "Resource not accessible by integration");
    comment.body = (await context.req.json<{ body: string }>()).body;
    return context.json(commentFacts(comment));
  });
}
