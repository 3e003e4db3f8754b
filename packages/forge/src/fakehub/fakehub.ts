import { randomBytes, verify } from "node:crypto";
import { Hono, type Context } from "hono";
import { createBare } from "./bare.ts";
import { createCodeDoor } from "./code-door.ts";
import { mountCode } from "./code.ts";
import { fill, readContract } from "./contract.ts";
import { faultAnswer, type FaultPlan } from "./faults.ts";
import { mountHooks } from "./hooks.ts";
import { mountIssues } from "./issues.ts";
import { mountManifests } from "./manifests.ts";
import { mountPulls } from "./pulls.ts";
import { createState, nameOf, type FakeComment, type FakeRepo, type FakeRun, type FakeState } from "./state.ts";

export interface FakehubSettings {
  /** Where its bare repositories are; whoever opens it makes the folder, and clears it away. */
  readonly folder: string;
  readonly clock: { now(): number };
  readonly faults?: FaultPlan;
  /** Sees each request and its answer; tests hold both to the published contract. */
  readonly witness?: (seen: Seen) => void;
  /** Where its pages would be, which is where addresses in its answers lead. */
  readonly pages?: string;
  /** Answers of older hosts, which do not say which run a dispatch became. */
  readonly saysRun?: boolean;
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly request: unknown;
  readonly status: number;
  readonly answer: unknown;
}

export interface Fakehub {
  readonly state: FakeState;
  fetch(this: void, request: Request): Promise<Response>;
  addRepo(name: string, files: Readonly<Record<string, string>>, branch?: string): FakeRepo;
}

/**
 * A double of GitHub, for what cannot be reached: it keeps what it is told, serves the routes of the REST API that we
 * use and no other, and says in a header of each answer that it is a double. Its code is no double: each repository is
 * a bare one of git, cloned and pushed to over HTTP, and what the API says of code is what git says.
 */
export function createFakehub(settings: FakehubSettings): Fakehub {
  const state = createState();
  const { clock, folder, pages = "http://fakehub.invalid" } = settings;
  const contract = readContract();
  const document = (name: string, known: unknown) => fill(contract, name, known);
  const app = new Hono();

  app.use(async (context, next) => {
    const { method, path } = context.req;
    const text = await context.req.raw.clone().text();
    const fault = settings.faults?.next({ method: method.toLowerCase(), path }) ?? null;
    if (fault !== null && fault !== "lost_answer") context.res = faultAnswer(fault, clock.now());
    else await next();
    context.res.headers.set("x-fakehub", "a double, not GitHub");
    const answered = await context.res.clone().text();
    // The one page that it has is asked with a form.
    if (path === "/settings/apps/new") return;
    const read = (body: string): unknown => (body === "" ? null : JSON.parse(body));
    settings.witness?.({
      method: method.toLowerCase(),
      path,
      request: read(text),
      status: context.res.status,
      answer: read(answered),
    });
    // Done, and nobody heard that it was.
    if (fault === "lost_answer") throw new LostAnswer();
  });
  app.onError((error) => {
    throw error;
  });

  const no = (context: Context, status: 401 | 403 | 404 | 405 | 409 | 422, message: string) =>
    context.json({ message, documentation_url: "http://fakehub.invalid/docs", status: String(status) }, status);
  const bearer = (context: Context) =>
    /^(?:bearer|token) (?<token>\S+)$/i.exec(context.req.header("authorization") ?? "")?.groups?.["token"];

  /** The App whose signed word (a JWT) this is. */
  function appOf(context: Context) {
    const [head = "", body = "", signature = ""] = (bearer(context) ?? "").split(".");
    return state.apps.find(
      ({ id, publicKey }) =>
        signature !== "" &&
        verify("sha256", Buffer.from(`${head}.${body}`), publicKey, Buffer.from(signature, "base64url")) &&
        String(JSON.parse(Buffer.from(body, "base64url").toString()).iss) === id,
    );
  }

  /** The repository, where the token reaches it with this permission; the refusal that GitHub gives otherwise. */
  function repoFor(context: Context, permission: string, access: "read" | "write"): FakeRepo | Response {
    const name = nameOf(context.req.param("owner") ?? "", context.req.param("repo") ?? "");
    const token = state.tokens.get(bearer(context) ?? "");
    const repo = state.repos.get(name);
    if (token === undefined || token.expiresAt <= clock.now()) return no(context, 401, "Bad credentials");
    if (repo === undefined || !token.repos.has(name)) return no(context, 404, "Not Found");
    const held = token.permissions[permission];
    const isEnough = permission === "metadata" || held === "write" || (held === "read" && access === "read");
    return isEnough ? repo : no(context, 403, "Resource not accessible by integration");
  }

  const runUrl = ({ owner, name }: FakeRepo, { id }: FakeRun) => `${pages}/${owner}/${name}/actions/runs/${id}`;
  const user = (login: string) => ({ login, id: 1, type: login.endsWith("[bot]") ? "Bot" : "User" });
  const writer = (context: Context) => user(state.tokens.get(bearer(context) ?? "")?.login ?? "someone");

  app.get("/app", (context) => {
    const found = appOf(context);
    if (found === undefined) return no(context, 401, "A JSON web token could not be decoded");
    const { id, slug, permissions } = found;
    return context.json(
      document("integration", { id: Number(id), slug, name: slug, owner: user("acme"), permissions, events: [] }),
    );
  });

  app.get("/repos/:owner/:repo/installation", (context) => {
    const found = appOf(context);
    if (found === undefined) return no(context, 401, "A JSON web token could not be decoded");
    const { owner, repo } = context.req.param();
    if (!found.repos.has(nameOf(owner, repo))) return no(context, 404, "Not Found");
    const { installationId, id, slug, permissions } = found;
    const known = {
      id: installationId,
      app_id: Number(id),
      app_slug: slug,
      account: user(owner),
      permissions,
      target_type: "Organization",
    };
    return context.json(document("installation", known));
  });

  app.post("/app/installations/:id/access_tokens", async (context) => {
    const found = appOf(context);
    if (found === undefined) return no(context, 401, "A JSON web token could not be decoded");
    if (String(found.installationId) !== context.req.param("id")) return no(context, 404, "Not Found");
    const asked = await bodyOf<{ repositories?: string[]; permissions?: Record<string, string> }>(context);
    const owner = [...found.repos][0]?.split("/")[0] ?? "";
    const repos = asked.repositories?.map((name) => nameOf(owner, name)) ?? [...found.repos];
    if (repos.some((name) => !found.repos.has(name)))
      return no(
        context,
        422,
        "There is at least one repository that does not exist or is not accessible to the parent installation.",
      );
    const permissions = asked.permissions ?? found.permissions;
    const isMore = Object.entries(permissions).some(
      ([name, access]) =>
        !(found.permissions[name] === "write" || found.permissions[name] === access || name === "metadata"),
    );
    if (isMore) return no(context, 422, "The permissions requested are not granted to this installation.");
    const token = `ghs_${randomBytes(18).toString("hex")}`;
    const expiresAt = clock.now() + 3_600_000;
    state.tokens.set(token, { login: `${found.slug}[bot]`, repos: new Set(repos), permissions, expiresAt });
    const known = {
      token,
      expires_at: new Date(expiresAt).toISOString(),
      permissions,
      repository_selection: "selected",
    };
    return context.json(document("installation-token", known), 201);
  });

  app.get("/repos/:owner/:repo", (context) => {
    const repo = repoFor(context, "metadata", "read");
    if (repo instanceof Response) return repo;
    return context.json(document("full-repository", repositoryFacts(repo)));
  });

  app.post("/repos/:owner/:repo/dispatches", async (context) => {
    const repo = repoFor(context, "contents", "write");
    if (repo instanceof Response) return repo;
    const { event_type: type, client_payload: payload } = await bodyOf<{
      event_type: string;
      client_payload?: unknown;
    }>(context);
    repo.told.push({ type, payload: payload ?? {} });
    return context.body(null, 204);
  });

  app.post("/repos/:owner/:repo/actions/workflows/:workflow/dispatches", async (context) => {
    const repo = repoFor(context, "actions", "write");
    if (repo instanceof Response) return repo;
    const {
      ref,
      inputs = {},
      return_run_details: isToldRun = false,
    } = await bodyOf<{ ref: string; inputs?: Record<string, string>; return_run_details?: boolean }>(context);
    const workflowId = context.req.param("workflow");
    const headSha = await repo.git.commitOf(ref);
    if (repo.notIndexed > 0) {
      repo.notIndexed -= 1;
      return no(context, 404, "Not Found");
    }
    if ((await repo.git.at(undefined, `.github/workflows/${workflowId}`)) === null)
      return no(context, 404, "Not Found");
    if (headSha === null) return no(context, 422, `No ref found for: ${ref}`);
    const run: FakeRun = {
      id: (state.nextId += 1),
      workflowId,
      ref: ref.replace(/^refs\/heads\//, ""),
      headSha,
      inputs,
      createdAt: clock.now(),
      status: "queued",
      conclusion: null,
    };
    repo.runs.unshift(run);
    if (!isToldRun || settings.saysRun === false) return context.body(null, 204);
    return context.json(
      document("workflow-dispatch-response", {
        workflow_run_id: run.id,
        html_url: runUrl(repo, run),
        run_url: runUrl(repo, run),
      }),
    );
  });

  app.get("/repos/:owner/:repo/actions/workflows/:workflow/runs", (context) => {
    const repo = repoFor(context, "actions", "read");
    if (repo instanceof Response) return repo;
    const runs = repo.runs.filter(({ workflowId }) => workflowId === context.req.param("workflow"));
    const workflow_runs = runs.map((run) => document("workflow-run", runFacts(repo, run, runUrl(repo, run))));
    return context.json({ total_count: runs.length, workflow_runs });
  });

  app.get("/repos/:owner/:repo/actions/runs/:id", (context) => {
    const repo = repoFor(context, "actions", "read");
    if (repo instanceof Response) return repo;
    const run = repo.runs.find(({ id }) => String(id) === context.req.param("id"));
    return run === undefined
      ? no(context, 404, "Not Found")
      : context.json(document("workflow-run", runFacts(repo, run, runUrl(repo, run))));
  });

  app.get("/user", (context) => {
    const token = state.tokens.get(bearer(context) ?? "");
    if (token === undefined) return no(context, 401, "Bad credentials");
    return context.json(document("public-user", { login: token.login, user_view_type: "public" }));
  });

  mountHooks(app, { state, document, no, appOf });
  mountManifests(app, { state, document, no });
  const loginOf = (context: Context) => writer(context).login;
  mountCode(app, { document, no, repoFor });
  mountPulls(app, { clock, pages, document, no, repoFor, loginOf, user });
  mountIssues(app, { state, clock, pages, document, no, repoFor, loginOf, user });

  app.get("/repos/:owner/:repo/commits/:sha/comments", (context) => {
    const repo = repoFor(context, "contents", "read");
    if (repo instanceof Response) return repo;
    const on = `commit:${context.req.param("sha")}`;
    return context.json(repo.comments.filter((comment) => comment.on === on).map(commitComment));
  });

  app.post("/repos/:owner/:repo/commits/:sha/comments", async (context) => {
    const repo = repoFor(context, "contents", "write");
    if (repo instanceof Response) return repo;
    return context.json(commitComment(await addComment(context, repo, `commit:${context.req.param("sha")}`)), 201);
  });

  app.patch("/repos/:owner/:repo/comments/:id", async (context) => {
    const repo = repoFor(context, "contents", "write");
    if (repo instanceof Response) return repo;
    const comment = repo.comments.find(({ id }) => String(id) === context.req.param("id"));
    if (comment === undefined) return no(context, 404, "Not Found");
    if (comment.author !== writer(context).login) return no(context, 403, "Resource not accessible by integration");
    comment.body = (await bodyOf<{ body: string }>(context)).body;
    return context.json(commitComment(comment));
  });

  async function addComment(context: Context, repo: FakeRepo, on: string): Promise<FakeComment> {
    const { body } = await bodyOf<{ body: string }>(context);
    const comment: FakeComment = { id: (state.nextId += 1), on, author: writer(context).login, body };
    repo.comments.push(comment);
    return comment;
  }

  const commitComment = ({ id, on, author, body }: FakeComment) =>
    document("commit-comment", {
      id,
      body,
      commit_id: on.slice("commit:".length),
      user: user(author),
      author_association: "NONE",
    });

  const codeDoor = createCodeDoor({ state, folder, clock });
  return {
    state,
    fetch: async (request) => (await codeDoor(request)) ?? app.fetch(request),
    addRepo(name, files, branch = "main") {
      const [owner = "", repo = ""] = name.split("/");
      const first = { branch, files, author: owner, message: "The first commit", atMs: clock.now() };
      const git = createBare(folder, nameOf(owner, repo), first);
      const made: FakeRepo = {
        id: (state.nextId += 1),
        owner,
        name: repo,
        defaultBranch: branch,
        isPrivate: false,
        git,
        runs: [],
        comments: [],
        issues: [],
        pulls: [],
        checks: [],
        writers: new Set([owner]),
        told: [],
        notIndexed: 0,
      };
      state.repos.set(nameOf(owner, repo), made);
      return made;
    },
  };
}

/** The deed was done and the connection ended before its answer. */
export class LostAnswer extends Error {
  override readonly name = "LostAnswer";
  constructor() {
    super("The connection ended before the answer.");
  }
}

async function bodyOf<T>(context: Context): Promise<T> {
  return context.req.json<T>();
}

const repositoryFacts = ({ id, owner, name, defaultBranch, isPrivate }: FakeRepo) => ({
  id,
  name,
  full_name: `${owner}/${name}`,
  owner: { login: owner, id: 1, type: "Organization" },
  default_branch: defaultBranch,
  private: isPrivate,
});

function runFacts(repo: FakeRepo, run: FakeRun, url: string): object {
  const at = new Date(run.createdAt).toISOString();
  return {
    id: run.id,
    event: "workflow_dispatch",
    head_branch: run.ref,
    head_sha: run.headSha,
    status: run.status,
    conclusion: run.conclusion,
    html_url: url,
    created_at: at,
    updated_at: at,
    repository: repositoryFacts(repo),
    head_repository: repositoryFacts(repo),
    pull_requests: [],
  };
}
