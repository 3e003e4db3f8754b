import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { addPull, commitOf, createFakehub, push } from "@prunella/forge/fakehub";
import { startGitea } from "../gitea/gitea.ts";

/** Where pull requests are, for tests: a repository `acme/shop` with people who work on it. */
export interface PullPlace extends AsyncDisposable {
  /** `forge` of the configuration, but for where its secrets are. */
  readonly config: object;
  readonly token: string;
  /** Ada opens one from a branch of these files; `asUs`: under the name of the token. */
  open(of: {
    branch: string;
    title: string;
    files: Readonly<Record<string, string>>;
    asUs?: boolean;
  }): Promise<{ readonly number: number; readonly url: string }>;
  /** The owner, who may write, says yes to the head as it is. */
  approve(number: number, words: string): Promise<void>;
  /** Something ran on its head. */
  report(number: number, name: string, state: "success" | "failure"): Promise<void>;
  /** Another commit. */
  push(number: number, path: string, text: string): Promise<void>;
  head(number: number): Promise<string>;
  isMerged(number: number): Promise<boolean>;
  /** What a browser is given of an issue with this text; null: it renders nothing. */
  readonly render: ((markdown: string) => Promise<string>) | null;
}

const FILES = { "README.md": "# Shop\n", "src/cart.ts": "1\n", CODEOWNERS: "src/.* @acme\n" };

export async function openFakehub(): Promise<PullPlace> {
  const token = ["github", "_pat_", "x".repeat(22)].join("");
  const folder = mkdtempSync(join(tmpdir(), "prunella-hub-"));
  const hub = createFakehub({ folder, clock: { now: () => Date.now() } });
  const shop = hub.addRepo("acme/shop", { ...FILES, CODEOWNERS: "/src/ @acme\n" });
  hub.state.tokens.set(token, {
    login: "prunella-bot",
    repos: new Set(["acme/shop"]),
    permissions: { contents: "write", pull_requests: "read", checks: "read", statuses: "read" },
    expiresAt: Date.now() + 3_600_000,
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  const server = serve(
    { fetch: hub.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false },
    ({ port }: AddressInfo) => resolve(`http://127.0.0.1:${port}`),
  );
  const base_url = await promise;
  const of = (number: number) => {
    const pull = shop.pulls.find((one) => one.number === number);
    if (pull === undefined) throw new Error(`The double has no ${number}.`);
    return pull;
  };
  return {
    config: { base_url },
    token,
    async open({ branch, title, files, asUs = false }) {
      const author = asUs ? "prunella-bot" : "ada";
      const { number } = await addPull(hub, "acme/shop", { head: branch, title, files, author });
      return { number, url: `http://fakehub.invalid/acme/shop/pull/${number}` };
    },
    async approve(number, body) {
      const sha = await commitOf(hub, "acme/shop", of(number).head);
      of(number).reviews.push({ author: "acme", state: "APPROVED", sha, body, createdAt: Date.now() });
    },
    async report(number, name, conclusion) {
      const sha = await commitOf(hub, "acme/shop", of(number).head);
      shop.checks.push({ kind: "run", sha, name, status: "completed", conclusion });
    },
    async push(number, path, text) {
      await push(hub, "acme/shop", of(number).head, { [path]: text });
    },
    head: async (number) => commitOf(hub, "acme/shop", of(number).head),
    isMerged: async (number) => of(number).mergedAs !== null,
    render: null,
    async [Symbol.asyncDispose]() {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface ShownPull {
  readonly number: number;
  readonly html_url: string;
  readonly merged: boolean;
  readonly head: { readonly sha: string; readonly ref: string };
}

export async function openGitea(): Promise<PullPlace> {
  const gitea = await startGitea();
  const bot = await gitea.addUser("prunella-bot", ["write:repository", "read:user"]);
  const acme = await gitea.addUser("acme", ["all"]);
  const ada = await gitea.addUser("ada", ["all"]);
  await gitea.addRepo("acme", "shop", FILES);
  for (const name of ["prunella-bot", "ada"])
    await gitea.api("PUT", `/repos/acme/shop/collaborators/${name}`, { permission: "write" });

  const as = async <T>(token: string, method: string, path: string, body?: object): Promise<T> => {
    const answer = await fetch(`${gitea.url}/api/v1/repos/acme/shop/${path}`, {
      method,
      headers: { authorization: `token ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return JSON.parse(await answer.text());
  };
  const read = (number: number) => as<ShownPull>(ada.token, "GET", `pulls/${number}`);
  const change = async (branch: string, path: string, text: string) => {
    const there = await fetch(`${gitea.url}/api/v1/repos/acme/shop/contents/${path}?ref=${branch}`);
    const sha: { sha?: string } = there.ok ? JSON.parse(await there.text()) : {};
    const content = Buffer.from(text).toString("base64");
    return { operation: sha.sha === undefined ? "create" : "update", path, content, sha: sha.sha };
  };
  return {
    config: { kind: "gitea", base_url: gitea.url },
    token: bot.token,
    async open({ branch, title, files, asUs = false }) {
      const changes = await Promise.all(Object.entries(files).map(([path, text]) => change("main", path, text)));
      const commit = { branch: "main", new_branch: branch, message: "A change", files: changes };
      await as(ada.token, "POST", "contents", commit);
      const { token } = asUs ? bot : ada;
      const made = await as<ShownPull>(token, "POST", "pulls", { head: branch, base: "main", title });
      return { number: made.number, url: made.html_url };
    },
    async approve(number, body) {
      await as(acme.token, "POST", `pulls/${number}/reviews`, { event: "APPROVED", body });
    },
    async report(number, context, state) {
      await as(ada.token, "POST", `statuses/${(await read(number)).head.sha}`, { context, state });
    },
    async push(number, path, text) {
      const branch = (await read(number)).head.ref;
      await as(ada.token, "POST", "contents", { branch, message: "More", files: [await change(branch, path, text)] });
    },
    head: async (number) => (await read(number)).head.sha,
    isMerged: async (number) => (await read(number)).merged,
    async render(body) {
      const { number } = await as<ShownPull>(ada.token, "POST", "issues", { title: "Rendered", body });
      const page = await gitea.page(`/acme/shop/issues/${number}`);
      const [, part] = /render-content markup[^>]*>([^]*?)class="[^"]*raw-content/.exec(page) ?? [];
      if (part === undefined) throw new Error(`no text on ${page.slice(0, 500)}`);
      return part;
    },
    [Symbol.asyncDispose]: () => gitea[Symbol.asyncDispose](),
  };
}
