import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { serve } from "@hono/node-server";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createGithub } from "../github/github.ts";
import { addPull, createFakehub, push, type Fakehub, type Seen } from "./index.ts";
import { surroundings } from "./git.ts";
import { createPublished } from "./published-fixture.ts";

const run = promisify(execFile);
const published = createPublished();
const root = mkdtempSync(join(tmpdir(), "prunella-code-"));
const seen: Seen[] = [];
const shop = { owner: "acme", repo: "shop" };
const FILES = { "README.md": "# Shop\n", "docs/a 100% file.md": "Grüße\n", "src/cart.ts": "1\n2\n3\n4\n5\n6\n" };
const signal = () => AbortSignal.timeout(30_000);

let hub: Fakehub;
let url: string;
let close: () => void;
let made = 0;

beforeAll(async () => {
  hub = createFakehub({ folder: root, clock: { now: Date.now }, witness: (one) => void seen.push(one) });
  hub.addRepo("acme/shop", FILES);
  hub.addRepo("acme/secret", FILES).isPrivate = true;
  ({ url, close } = await new Promise<{ url: string; close: () => void }>((resolve) => {
    const server = serve(
      { fetch: hub.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false },
      ({ port }: AddressInfo) => resolve({ url: `http://127.0.0.1:${port}`, close: () => server.close() }),
    );
  }));
});
afterAll(() => {
  close();
  rmSync(root, { recursive: true, force: true });
});
afterEach(() => expect(seen.splice(0).flatMap(published.check)).toEqual([]));

function tokenOf(permissions: Readonly<Record<string, string>>): string {
  const token = `token-${(made += 1)}`;
  const repos = new Set(["acme/shop", "acme/secret"]);
  hub.state.tokens.set(token, { login: "ada", repos, permissions, expiresAt: Date.now() + 3_600_000 });
  return token;
}
const forge = () => {
  const token = tokenOf({ contents: "write", pull_requests: "read", checks: "read", statuses: "read" });
  const credentials = () => ({ token, expiresAt: Date.now() + 3_600_000 });
  const fetch = async (input: string | URL | Request, init?: RequestInit) => hub.fetch(new Request(input, init));
  return createGithub({ baseUrl: "http://fakehub.invalid", credentials, fetch, clock: { now: Date.now } });
};

const git = async (cwd: string, ...args: string[]): Promise<string> => {
  const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
  const { stdout } = await run("git", [...who, ...args], {
    cwd,
    env: { ...surroundings(), GIT_ASKPASS: "/bin/false" },
  });
  return stdout.trim();
};
const cloned = async (name: string, token?: string): Promise<string> => {
  const from = new URL(`${url}/${name}.git`);
  if (token !== undefined) Object.assign(from, { username: "x-access-token", password: token });
  const folder = join(root, `clone-${(made += 1)}`);
  await git(root, "clone", "--quiet", from.href, folder);
  return folder;
};
/** What git said when it failed. */
const refusal = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => "it was done",
    (error: unknown) => String(error),
  );
const must = async <T>(asked: Promise<{ ok: true; value: T } | { ok: false; refusal: { message: string } }>) => {
  const answer = await asked;
  if (!answer.ok) throw new Error(answer.refusal.message);
  return answer.value;
};

test("what is cloned is what the API says, file by file and commit by commit", async () => {
  const folder = await cloned("acme/shop");
  const listed = (await git(folder, "-c", "core.quotePath=false", "ls-tree", "-r", "HEAD")).split("\n");
  expect(listed).toHaveLength(Object.keys(FILES).length);
  for (const line of listed) {
    const [, sha = "", path = ""] = /^100644 blob ([0-9a-f]{40})\t(.*)$/.exec(line) ?? [];
    const text = readFileSync(join(folder, path), "utf8");
    expect(await must(forge().file(shop, path, null, signal()))).toEqual({ text, sha });
  }
  const head = await git(folder, "rev-parse", "HEAD");
  for (const ref of ["main", "HEAD", head, head.slice(0, 10)])
    expect(await must(forge().commitOf(shop, ref, signal()))).toBe(head);
  for (const ref of ["main~0", "@{0}", "nobody", "--all"])
    expect(await forge().commitOf(shop, ref, signal())).toMatchObject({ ok: false, refusal: { status: 422 } });
});

test("a private repository is cloned with a token that reaches it, and is 401 or 404 for everybody else", async () => {
  expect(await git(await cloned("acme/secret", tokenOf({ contents: "read" })), "ls-files")).toContain("README.md");
  expect(await refusal(cloned("acme/secret"))).toMatch(/could not read Username|Authentication failed/);
  expect(await refusal(cloned("acme/secret", "no-such-token"))).toContain("Authentication failed");
  expect(await refusal(cloned("acme/secret", tokenOf({ issues: "write" })))).toContain("not found");
  const info = (name: string) => fetch(`${url}/acme/${name}.git/info/refs?service=git-upload-pack`);
  expect([(await info("secret")).status, (await info("never-made")).status]).toEqual([401, 401]);
});

test("a push moves the head of a pull request and its files, and the head that was meant before is not merged", async () => {
  const pull = await addPull(hub, "acme/shop", { head: "topic", files: { "src/new.ts": "1\n" } });
  const before = await must(forge().pull(shop, pull.number, signal()));
  expect(await must(forge().pullFiles(shop, pull.number, signal()))).toMatchObject({ items: [{ path: "src/new.ts" }] });

  const folder = await cloned("acme/shop", tokenOf({ contents: "write" }));
  await git(folder, "checkout", "--quiet", "topic");
  expect(await git(folder, "rev-parse", "HEAD")).toBe(before.head.sha);
  await git(folder, "mv", "docs/a 100% file.md", "docs/moved.md");
  writeFileSync(join(folder, "src/new.ts"), "1\n2\n");
  await git(folder, "commit", "--quiet", "--all", "--message", "More");
  await git(folder, "push", "--quiet", "origin", "topic");

  const after = await must(forge().pull(shop, pull.number, signal()));
  expect(after.head.sha).toBe(await git(folder, "rev-parse", "HEAD"));
  expect(after).toMatchObject({ isMergeable: true, changedFiles: 2, additions: 2, deletions: 0 });
  expect(await must(forge().pullFiles(shop, pull.number, signal()))).toMatchObject({
    items: [
      { path: "docs/moved.md", before: "docs/a 100% file.md", status: "renamed", additions: 0 },
      { path: "src/new.ts", status: "added", additions: 2 },
    ],
  });
  const merge = (head: string) => forge().mergePull(shop, pull.number, { head, method: "merge" }, signal());
  expect(await merge(before.head.sha)).toMatchObject({ ok: false, refusal: { reason: "conflict", status: 409 } });
  const { sha } = await must(merge(after.head.sha));
  await git(folder, "fetch", "--quiet", "origin", "main", `refs/pull/${pull.number}/head`);
  expect(await git(folder, "log", "-1", "--format=%H %P", "origin/main")).toBe(
    `${sha} ${before.base.sha} ${after.head.sha}`,
  );
  expect(await must(forge().pull(shop, pull.number, signal()))).toMatchObject({ isMerged: true, changedFiles: 2 });
});

test("changes of both sides are merged by git where their lines are apart, and are a conflict where not", async () => {
  const apart = await addPull(hub, "acme/shop", { head: "apart", files: { "src/cart.ts": "one\n2\n3\n4\n5\n6\n" } });
  const same = await addPull(hub, "acme/shop", { head: "same", files: { "src/cart.ts": "1\n2\n3\n4\n5\nsix\n" } });
  await push(hub, "acme/shop", "main", { "src/cart.ts": "1\n2\n3\n4\n5\n6!\n" });
  const facts = async (number: number) => must(forge().pull(shop, number, signal()));
  expect(await facts(apart.number)).toMatchObject({ isMergeable: true });
  const conflicted = await facts(same.number);
  expect(conflicted).toMatchObject({ isMergeable: false });
  const squash = async (number: number) =>
    forge().mergePull(shop, number, { head: (await facts(number)).head.sha, method: "squash" }, signal());
  expect(await squash(same.number)).toMatchObject({ ok: false, refusal: { reason: "conflict" } });
  const { sha } = await must(squash(apart.number));
  expect(await must(forge().file(shop, "src/cart.ts", sha, signal()))).toMatchObject({ text: "one\n2\n3\n4\n5\n6!\n" });
  const folder = await cloned("acme/shop");
  expect(await git(folder, "log", "-1", "--format=%P")).toBe(conflicted.base.sha);
});

test("nobody pushes without the right to, nor where the host keeps what a pull request is at", async () => {
  const to = async (token: string | undefined, ref: string) => {
    const folder = await cloned("acme/shop", token);
    await git(folder, "commit", "--quiet", "--allow-empty", "--message", "Mine");
    return git(folder, "push", "--quiet", "origin", `HEAD:${ref}`);
  };
  expect(await refusal(to(undefined, "refs/heads/mine"))).toMatch(/could not read Username|Authentication failed/);
  expect(await refusal(to(tokenOf({ contents: "read" }), "refs/heads/mine"))).toContain("403");
  expect(await refusal(to(tokenOf({ contents: "write" }), "refs/pull/1/head"))).toContain("hidden ref");
});

test("a pull request whose branch is deleted is closed, and still says what it was at", async () => {
  const pull = await addPull(hub, "acme/shop", { head: "short-lived", files: { "src/short.ts": "1\n" } });
  const { head } = await must(forge().pull(shop, pull.number, signal()));
  const folder = await cloned("acme/shop", tokenOf({ contents: "write" }));
  await git(folder, "push", "--quiet", "origin", "--delete", "short-lived");
  expect(await must(forge().pull(shop, pull.number, signal()))).toMatchObject({
    state: "closed",
    isMerged: false,
    head: { sha: head.sha },
    changedFiles: 1,
  });
});
