import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ForgeConfig, type Config } from "@prunella/contract";
import { addPull, commitOf, createFakehub, type Fakehub } from "@prunella/forge/fakehub";
import { environment } from "../environment.ts";
import { issuePage, listPage, pullPage } from "./forge-pages.ts";

/** Where the demo's server finds the secrets of the double; made anew with each start. */
const TOKEN = "PRUNELLA_DEMO_FORGE_TOKEN";
const HOOK = "PRUNELLA_DEMO_FORGE_HOOK";
const API = "/api";
/** What git asks of a place that is cloned. */
const CODE = /\/(?:info\/refs|git-upload-pack|git-receive-pack)(?:\?|$)/;
const DAY_MS = 86_400_000;

export interface DemoForge {
  /** Its pages. */
  readonly url: string;
  /** The double as the host, and what the first plugins file there; a configuration that names a host keeps it. */
  beside(own: Config): Config;
  /** Where it tells of what happens there: the address of our server. */
  tell(server: string): void;
  close(): Promise<void>;
}

/**
 * A double of GitHub on a loopback port, for the demo alone, because nothing here reaches GitHub. Its repositories get
 * another name with each start, since it forgets what it was told. Their code is git's own, so that a machine without
 * git has none of it: null.
 */
export async function openDemoForge(say: (line: string) => void): Promise<DemoForge | null> {
  const folder = mkdtempSync(join(tmpdir(), "prunella-demo-forge-"));
  const clear = () => rmSync(folder, { recursive: true, force: true });
  let told: string | null = null;
  let hub: Fakehub | null = null;
  const server = createServer((request, response) => {
    if (hub === null) return void response.writeHead(503).end();
    answer(hub, request, response).catch(() => response.headersSent || response.writeHead(500).end());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  // A server that did not start is not waited for because of it.
  server.unref();
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    clear();
  };
  let made: Fakehub;
  try {
    made = await filled(url, folder);
  } catch (cause) {
    await close();
    if (!(cause instanceof Error) || !("code" in cause) || cause.code !== "ENOENT") throw cause;
    say("the demo shows no repositories: its double of GitHub needs git, and this machine has none");
    return null;
  }
  hub = made;
  const hook = randomBytes(24).toString("base64url");
  environment.put(HOOK, hook);
  environment.put(TOKEN, tokenOf(made));
  const [shop = "", triage = ""] = [...made.state.repos.keys()];

  async function answer(all: Fakehub, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "/";
    if (path.startsWith(`${API}/`)) return pass(all, path.slice(API.length), request, response);
    if (CODE.test(path)) return pass(all, path, request, response);
    // A page of somebody else in the same browser may not press the button.
    if (request.method === "POST" && path === "/fail" && request.headers["sec-fetch-site"] === "same-origin") {
      await failRun(shop, await commitOf(all, shop, "main"));
      response.writeHead(303, { location: "/" }).end();
      return;
    }
    const html = pageOf(all, url, path);
    response.writeHead(html === null ? 404 : 200, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    });
    response.end(html ?? "There is no such page.");
  }

  /** As GitHub tells it ("Webhook events and payloads"): signed, with an id of its own. */
  async function failRun(repo: string, sha: string): Promise<void> {
    if (told === null) return;
    const body = JSON.stringify(failedRun(repo, sha, url));
    const answered = await fetch(`${told}/forge/github`, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "x-github-event": "workflow_run",
        "x-github-delivery": randomUUID(),
        "x-hub-signature-256": `sha256=${createHmac("sha256", hook).update(body).digest("hex")}`,
      },
    });
    say(`the demo's double of GitHub: the workflow tests of ${repo} failed, and we said ${answered.status} to that`);
  }

  return {
    url,
    beside(own) {
      if (own.forge !== null) return own;
      const forge = ForgeConfig.parse({
        base_url: `${url}${API}`,
        pages_url: url,
        token: { env: TOKEN },
        webhook_secret: { env: HOOK },
        watched: { repos: [shop] },
        triage: { repo: triage, public_repo: shop },
      });
      const settings = {
        "daemon-hotfix": { repo: shop, allowlistRepos: [shop], issueLabels: ["crash"], allowWorkflowEvents: true },
        ...own.plugins.settings,
      };
      return { ...own, forge, plugins: { ...own.plugins, settings } };
    },
    tell: (to) => void (told = to),
    close,
  };
}

/** A shop with one pull request that touches what is owned, and a private repository beside it. */
async function filled(url: string, folder: string): Promise<Fakehub> {
  const hub = createFakehub({ folder, clock: { now: Date.now }, pages: url });
  const owner = `demo-${randomBytes(3).toString("hex")}`;
  const name = `${owner}/shop`;
  hub.addRepo(name, {
    "README.md": "# The shop of the demo\n",
    CODEOWNERS: "src/pay/ @demo/payments\n",
    "src/pay/charge.ts": "export const charge = (cents: number) => cents;\n",
  });
  const hidden = hub.addRepo(`${owner}/shop-private`, { "README.md": "# What is not public yet\n" });
  hidden.isPrivate = true;
  await addPull(hub, name, {
    head: "round-up",
    title: "Round up what is charged",
    body: "Cents were cut off.",
    files: { "src/pay/charge.ts": "export const charge = (cents: number) => Math.ceil(cents);\n" },
  });
  return hub;
}

/** A person's token that reaches both repositories for a day. */
function tokenOf(hub: Fakehub): string {
  const token = `github_pat_${randomBytes(24).toString("hex")}`;
  const permissions = {
    issues: "write",
    contents: "read",
    pull_requests: "read",
    checks: "read",
    statuses: "read",
    metadata: "read",
  };
  const repos = new Set(hub.state.repos.keys());
  hub.state.tokens.set(token, { login: "prunella-demo", repos, permissions, expiresAt: Date.now() + DAY_MS });
  return token;
}

const failedRun = (repo: string, sha: string, url: string) => ({
  action: "completed",
  workflow_run: {
    id: Date.now(),
    name: "tests",
    event: "push",
    status: "completed",
    conclusion: "failure",
    head_branch: "main",
    head_sha: sha,
    html_url: `${url}/${repo}/actions/runs/1`,
    head_repository: { full_name: repo },
    actor: { login: "ada" },
    triggering_actor: { login: "ada" },
    pull_requests: [],
  },
  repository: {
    name: repo.split("/")[1] ?? "",
    full_name: repo,
    owner: { login: repo.split("/")[0] ?? "" },
    fork: false,
  },
  sender: { login: "ada", type: "User" },
});

async function pass(hub: Fakehub, path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) if (Buffer.isBuffer(part)) parts.push(part);
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    typeof value === "string" ? [{ name, value }] : [],
  );
  const method = request.method ?? "GET";
  const body = method === "GET" || method === "HEAD" ? {} : { body: Buffer.concat(parts) };
  const asked = new Request(new URL(path, "http://localhost"), {
    method,
    headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])),
    ...body,
  });
  const answered = await hub.fetch(asked);
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  response.end(Buffer.from(await answered.arrayBuffer()));
}

/** Null: there is none. */
function pageOf(hub: Fakehub, url: string, path: string): string | null {
  if (path === "/") return listPage(url, [...hub.state.repos.values()]);
  const [, owner = "", name = "", kind = "", number = ""] = path.split("/");
  const repo = hub.state.repos.get(`${owner}/${name}`.toLowerCase());
  if (repo === undefined) return null;
  const issue = repo.issues.find((one) => kind === "issues" && String(one.number) === number);
  if (issue !== undefined) return issuePage(repo, issue);
  const pull = repo.pulls.find((one) => kind === "pull" && String(one.number) === number);
  return pull === undefined ? null : pullPage(repo, pull);
}
