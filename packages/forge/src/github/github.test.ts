import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { createFakehub, createFaults, type Fakehub, type Seen } from "../fakehub/index.ts";
import { createPublished } from "../fakehub/published-fixture.ts";
import type { GithubCredentials } from "./ask.ts";
import { createGithub } from "./github.ts";
import { readManifestCode } from "./manifest.ts";
import type { Github } from "./types.ts";

const published = createPublished();
const keys = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const privateKey = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const shop = { owner: "acme", repo: "shop" };
const faults = createFaults();
const signal = AbortSignal.timeout(60_000);

let folder: string;
let hub: Fakehub;
let github: Github;
let credentials: GithubCredentials;
let seen: Seen[];

async function start(saysRun = true) {
  seen = [];
  credentials = { appId: "12", privateKey };
  const clock = { now: () => Date.now() };
  hub = createFakehub({ folder, clock, faults, saysRun, witness: (one) => void seen.push(one) });
  hub.addRepo("acme/shop", {
    "docs/a file.md": "Grüße\n",
    ".github/workflows/compute.yml": "on: workflow_dispatch",
  });
  hub.addRepo("acme/other", {});
  hub.state.apps.push({
    id: "12",
    slug: "prunella",
    publicKey: keys.publicKey,
    installationId: 7,
    permissions: { contents: "write", actions: "write", issues: "write" },
    repos: new Set(["acme/shop", "acme/other"]),
  });
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    init?.signal?.throwIfAborted();
    return hub.fetch(new Request(input, init));
  };
  github = createGithub({
    baseUrl: "http://fakehub.invalid",
    credentials: () => credentials,
    fetch,
    clock,
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "prunella-github-"));
  await start();
  return () => {
    rmSync(folder, { recursive: true, force: true });
    expect(seen.flatMap(published.check)).toEqual([]);
    expect(faults.left).toBe(0);
  };
});

test("reads a file, the default branch and a commit", async () => {
  expect(await github.file(shop, "docs/a file.md", null, signal)).toMatchObject({
    ok: true,
    value: { text: "Grüße\n" },
  });
  expect(await github.file(shop, "no/such/file", null, signal)).toEqual({ ok: true, value: null });
  expect(await github.defaultBranch(shop, signal)).toEqual({ ok: true, value: "main" });
  const commit = await github.commitOf(shop, "main", signal);
  expect(commit).toMatchObject({ ok: true, value: expect.stringMatching(/^[0-9a-f]{40}$/) });
});

test("each token reaches the one repository and what was asked for", async () => {
  await github.file(shop, "docs/a file.md", null, signal);
  const made = await github.narrowToken(shop, { issues: "write" }, signal);
  expect(made).toMatchObject({ ok: true, value: { permissions: { issues: "write" }, installationId: 7 } });
  for (const token of hub.state.tokens.values()) expect([...token.repos]).toEqual(["acme/shop"]);
  expect([...hub.state.tokens.values()].map(({ permissions }) => permissions)).toEqual([
    { contents: "read" },
    { issues: "write" },
  ]);
});

test("an App knows what it may, where it is told to, and what was told there, page by page", async () => {
  const [app] = hub.state.apps;
  if (app !== undefined) hub.state.apps[0] = { ...app, hookUrl: "https://prunella.example.com/forge/github" };
  expect(await github.standing(signal)).toEqual({
    ok: true,
    value: {
      version: null,
      login: "prunella[bot]",
      permissions: { contents: "write", actions: "write", issues: "write" },
      hook: "https://prunella.example.com/forge/github",
    },
  });
  const now = Date.now();
  for (let id = 1; id <= 250; id += 1)
    hub.state.deliveries.push({
      id,
      guid: `guid-${id}`,
      event: "issues",
      at: now + id * 1_000,
      payload: { action: "opened", n: id },
    });
  const listed = await github.deliveries?.list(now + 20_000, signal);
  if (listed?.ok !== true) throw new Error("there is no list");
  expect(listed.value.map(({ id }) => id)).toEqual(Array.from({ length: 231 }, (_, at) => 250 - at));
  expect(await github.deliveries?.payload(7, signal)).toEqual({ ok: true, value: '{"action":"opened","n":7}' });
});

test("an App that was made by a manifest is given once, for its code", async () => {
  const manifest = {
    name: "Prunella",
    redirect_url: "http://127.0.0.1:1/back",
    hook_attributes: { url: "https://prunella.example.com/forge/github" },
    default_permissions: { issues: "write" },
  };
  const body = new URLSearchParams({ manifest: JSON.stringify(manifest) });
  const page = await hub.fetch(
    new Request("http://fakehub.invalid/settings/apps/new?state=s", { method: "POST", body }),
  );
  const code = new URL(page.headers.get("location") ?? "").searchParams.get("code") ?? "";
  const host = {
    baseUrl: "http://fakehub.invalid",
    fetch: async (input: string | URL | Request, init?: RequestInit) => hub.fetch(new Request(input, init)),
  };
  expect(await readManifestCode(host, code, signal)).toMatchObject({
    ok: true,
    value: { slug: "prunella", permissions: { issues: "write" }, pem: expect.stringContaining("PRIVATE KEY") },
  });
  expect(await readManifestCode(host, code, signal)).toMatchObject({ ok: false, refusal: { reason: "not_found" } });
});

test("a person's token knows only whose it is", async () => {
  credentials = { token: "x", expiresAt: Date.now() + 3_600_000 };
  hub.state.tokens.set("x", { login: "ada", repos: new Set(), permissions: {}, expiresAt: Date.now() + 3_600_000 });
  expect(await github.standing(signal)).toEqual({
    ok: true,
    value: { version: null, login: "ada", permissions: null, hook: null },
  });
});

test("a key that is changed counts with the next request, and the old one no longer", async () => {
  expect(await github.defaultBranch(shop, signal)).toMatchObject({ ok: true });
  const next = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const changed = next.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const [app] = hub.state.apps;
  if (app !== undefined) hub.state.apps[0] = { ...app, publicKey: next.publicKey };
  expect(await github.narrowToken(shop, { issues: "write" }, signal)).toMatchObject({
    ok: false,
    refusal: { reason: "forbidden", status: 401 },
  });
  credentials = { appId: "12", privateKey: changed };
  expect(await github.narrowToken(shop, { issues: "write" }, signal)).toMatchObject({ ok: true });
});

test("what the App may not is refused by the host, and what is not there is said", async () => {
  expect(await github.narrowToken(shop, { administration: "write" }, signal)).toMatchObject({
    ok: false,
    refusal: { reason: "invalid", status: 422 },
  });
  expect(await github.defaultBranch({ owner: "acme", repo: "secret" }, signal)).toMatchObject({
    ok: false,
    refusal: { reason: "not_found", status: 404 },
  });
});

const call = { workflowId: "compute.yml", ref: null, inputs: { stateId: "s-1" } };

test("starts a workflow on the default branch, and knows its run at once", async () => {
  const started = await github.startWorkflow(shop, call, signal);
  expect(started).toMatchObject({
    ok: true,
    value: { url: expect.stringContaining("/acme/shop/actions/runs/"), conclusion: null },
  });
  const [run] = hub.state.repos.get("acme/shop")?.runs ?? [];
  expect(run).toMatchObject({ ref: "main", inputs: { stateId: "s-1" } });
  if (run !== undefined) Object.assign(run, { status: "completed", conclusion: "failure" });
  expect(await github.run(shop, run?.id ?? 0, signal)).toMatchObject({
    ok: true,
    value: { status: "completed", conclusion: "failure" },
  });
});

test("looks the run up where the host does not say it", async () => {
  await start(false);
  const since = Date.now() - 1_000;
  expect(await github.startWorkflow(shop, call, signal)).toEqual({ ok: true, value: null });
  const of = { workflowId: "compute.yml", ref: "main" };
  expect(await github.findRun(shop, { ...of, since }, signal)).toMatchObject({ ok: true, value: { status: "queued" } });
  expect(await github.findRun(shop, { ...of, since: since + 3_600_000 }, signal)).toEqual({ ok: true, value: null });
});

test("one comment a commit and marker: a second one puts the first right", async () => {
  const of = { sha: "a".repeat(40), marker: "<!-- ours -->" };
  const first = await github.commentOnCommit(shop, { ...of, body: "one" }, signal);
  expect(await github.commentOnCommit(shop, { ...of, body: "two" }, signal)).toEqual(first);
  expect(hub.state.repos.get("acme/shop")?.comments).toMatchObject([{ body: "<!-- ours -->\ntwo" }]);
});

test("a stranger's comment with our marker in it is left alone", async () => {
  const of = { sha: "a".repeat(40), marker: "<!-- ours -->" };
  hub.state.repos
    .get("acme/shop")
    ?.comments.push({ id: 5, on: `commit:${of.sha}`, author: "mallory", body: of.marker });
  expect(await github.commentOnCommit(shop, { ...of, body: "one" }, signal)).toMatchObject({ ok: true });
  expect(hub.state.repos.get("acme/shop")?.comments.map(({ author }) => author)).toEqual(["mallory", "prunella[bot]"]);
});

test("tells a repository's workflows, and comments on an issue", async () => {
  expect(await github.tell(shop, { type: "return-data", payload: { state_id: "s-1" } }, signal)).toEqual({
    ok: true,
    value: null,
  });
  expect(await github.addComment(shop, 3, "hello", signal)).toMatchObject({ ok: true });
  expect(hub.state.repos.get("acme/shop")).toMatchObject({
    told: [{ type: "return-data" }],
    comments: [{ on: "issue:3", body: "hello" }],
  });
});

const comments = { method: "post", path: /\/issues\/3\/comments$/ };

test.each([
  ["primary_limit", { reason: "limited", status: 403 }],
  ["secondary_limit", { reason: "limited", status: 403, retryAfterMs: 30_000 }],
  ["server_error", { reason: "failed", status: 502 }],
  ["gone", { reason: "gone", status: 410 }],
  ["invalid", { reason: "invalid", status: 422 }],
] as const)("%s is a refusal that says what to do, and nothing was written", async (fault, refusal) => {
  faults.add(fault, comments);
  const asked = await github.addComment(shop, 3, "hello", signal);
  expect(asked).toMatchObject({ ok: false, refusal });
  if (!asked.ok && refusal.reason === "limited") expect(asked.refusal.retryAfterMs).toBeGreaterThan(0);
  expect(hub.state.repos.get("acme/shop")?.comments).toEqual([]);
});

test("a lost answer is no answer, and nothing is asked twice", async () => {
  faults.add("lost_answer", comments);
  const asked = await github.addComment(shop, 3, "hello", signal);
  expect(asked).toMatchObject({ ok: false, refusal: { reason: "unreachable", status: null } });
  expect(hub.state.repos.get("acme/shop")?.comments).toHaveLength(1);
});

test("a request that is called off ends", async () => {
  const asked = await github.defaultBranch(shop, AbortSignal.abort());
  expect(asked).toMatchObject({ ok: false, refusal: { reason: "unreachable" } });
});
