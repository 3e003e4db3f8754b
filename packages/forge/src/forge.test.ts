import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fenced, inertTitle, inline } from "@prunella/plugin";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { hasGitea, startGitea, type Gitea } from "../../../test/gitea/gitea.ts";
import { needs } from "../../../test/needs.ts";
import { hostileTexts } from "../../plugin/src/hostile-texts-fixture.ts";
import { addPull, commitOf, createFakehub, createFaults, push, type FakeRepo, type Seen } from "./fakehub/index.ts";
import { createPublished } from "./fakehub/published-fixture.ts";
import type { Forge } from "./forge.ts";
import { forgeSuite } from "./forge-suite.ts";
import { createGitea } from "./gitea/gitea.ts";
import { createGithub } from "./github/github.ts";

const Numbered = z.object({ number: z.int() });
const Made = z.object({ id: z.int() });
const encoded = (text: string) => Buffer.from(text).toString("base64");
const FILES = { "docs/a file.md": "Grüße\n" };

describe("GitHub, against a double that is held to what GitHub publishes", () => {
  const published = createPublished();
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const faults = createFaults();
  const seen: Seen[] = [];
  const clock = { now: () => Date.now() };
  const folder = mkdtempSync(join(tmpdir(), "prunella-forge-"));
  const hub = createFakehub({ folder, clock, faults, witness: (one) => void seen.push(one) });
  let shop: FakeRepo;
  beforeAll(async () => void (shop = hub.addRepo("acme/shop", FILES)));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  hub.state.apps.push({
    id: "12",
    slug: "prunella",
    publicKey,
    installationId: 7,
    permissions: { contents: "write", issues: "write", pull_requests: "read", checks: "read", statuses: "read" },
    repos: new Set(["acme/shop", "acme/no-such-repository"]),
  });
  const forge = createGithub({
    baseUrl: "http://fakehub.invalid",
    credentials: () => ({ appId: "12", privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString() }),
    fetch: async (input, init) => {
      init?.signal?.throwIfAborted();
      return hub.fetch(new Request(input, init));
    },
    clock,
  });

  afterEach(() => {
    expect(seen.splice(0).flatMap(published.check)).toEqual([]);
    expect(faults.left).toBe(0);
  });

  forgeSuite(() => ({
    forge,
    repo: { owner: "acme", repo: "shop" },
    async asStranger(title, body) {
      const now = Date.now();
      const number = shop.issues.length + 1;
      const issue = { number, author: "mallory", createdAt: now, updatedAt: now, title, body, labels: [] };
      shop.issues.push({ ...issue, state: "open", stateReason: null });
      return number;
    },
    async commentAsStranger(issue, body) {
      shop.comments.push({ id: 5, on: `issue:${issue}`, author: "mallory", body });
    },
    async closeAsNotPlanned(number) {
      const issue = shop.issues.find((each) => each.number === number);
      if (issue !== undefined) Object.assign(issue, { state: "closed", stateReason: "not_planned" });
    },
    async hide(isPrivate) {
      shop.isPrivate = isPrivate;
    },
    comments: async (issue) => shop.comments.filter(({ on }) => on === `issue:${issue}`).map(({ body }) => body),
    countIssues: async () => shop.issues.length,
    loseNextAnswer: () => faults.add("lost_answer", { method: "post", path: /\/issues$/ }),
    async openPull({ asUs = false, ...pull }) {
      return (await addPull(hub, "acme/shop", { ...pull, author: asUs ? "prunella[bot]" : "ada" })).number;
    },
    async push(branch, path, text) {
      await push(hub, "acme/shop", branch, { [path]: text });
    },
    async review(number, as, verdict) {
      const pull = shop.pulls.find((one) => one.number === number);
      const state = verdict === "approved" ? "APPROVED" : "CHANGES_REQUESTED";
      const author = as === "writer" ? "acme" : "mallory";
      const sha = await commitOf(hub, "acme/shop", pull?.head ?? "");
      pull?.reviews.push({ author, state, sha, body: "", createdAt: Date.now() });
    },
    async report(sha, name, state) {
      // Newer hosts have runs, older ones statuses: one of each.
      const before = shop.checks.findIndex((one) => one.sha === sha && one.name === name);
      if (before !== -1) shop.checks.splice(before, 1);
      const conclusion = state === "pending" ? null : state;
      const run = { sha, name, status: state === "pending" ? "queued" : "completed", conclusion };
      shop.checks.push(
        name === "tests" ? { kind: "status", sha, name, status: state, conclusion: null } : { kind: "run", ...run },
      );
    },
    loseNextMerge: () => faults.add("lost_answer", { method: "put", path: /\/merge$/ }),
  }));
});

describe.skipIf(!needs("Gitea", hasGitea()))("Gitea, the real one", { timeout: 120_000 }, () => {
  let gitea: Gitea;
  let forge: Forge;
  type Person = Awaited<ReturnType<Gitea["addUser"]>>;
  let stranger: Person;
  let acme: Person;
  let ada: Person;
  let bot: Person;
  let lost: string | null = null;
  const repo = { owner: "acme", repo: "shop" };

  beforeAll(async () => {
    gitea = await startGitea();
    const me = await gitea.addUser("prunella-bot", ["write:issue", "write:repository", "read:user"]);
    acme = await gitea.addUser("acme", ["all"]);
    bot = me;
    ada = await gitea.addUser("ada", ["all"]);
    stranger = await gitea.addUser("mallory", ["write:issue", "write:repository", "read:user"]);
    await gitea.addRepo("acme", "shop", FILES);
    for (const name of ["prunella-bot", "ada"])
      await gitea.api("PUT", `/repos/acme/shop/collaborators/${name}`, { permission: "write" });
    forge = createGitea({
      url: `${gitea.url}/`,
      token: () => me.token,
      async fetch(input, init) {
        const answer = await fetch(input, init);
        if (lost === null || init?.method !== "POST" || !new Request(input).url.endsWith(lost)) return answer;
        lost = null;
        throw new TypeError("The connection ended before the answer.");
      },
    });
  }, 120_000);
  afterAll(async () => gitea?.[Symbol.asyncDispose]());

  const as = async ({ token }: Person, path: string, body: object): Promise<unknown> => {
    const answer = await fetch(`${gitea.url}/api/v1/repos/acme/shop/${path}`, {
      method: "POST",
      headers: { authorization: `token ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };
  const listed = async (path: string): Promise<{ body: string }[]> => {
    const { json } = await gitea.api("GET", path);
    if (!Array.isArray(json)) throw new Error("no list");
    return json.map((each: { body: string }) => ({ body: each.body }));
  };

  forgeSuite(() => ({
    forge,
    repo,
    async asStranger(title, body) {
      return Numbered.parse(await as(stranger, "issues", { title, body })).number;
    },
    async commentAsStranger(issue, body) {
      await as(stranger, `issues/${issue}/comments`, { body });
    },
    async closeAsNotPlanned(number) {
      const made = await gitea.api("POST", "/repos/acme/shop/labels", { name: "wontfix", color: "#ffffff" });
      await gitea.api("POST", `/repos/acme/shop/issues/${number}/labels`, {
        labels: [Made.parse(made.json).id],
      });
      await gitea.api("PATCH", `/repos/acme/shop/issues/${number}`, { state: "closed" });
    },
    async hide(isPrivate) {
      await gitea.api("PATCH", "/repos/acme/shop", { private: isPrivate });
    },
    comments: async (issue) => (await listed(`/repos/acme/shop/issues/${issue}/comments`)).map(({ body }) => body),
    countIssues: async () => (await listed("/repos/acme/shop/issues?state=all&type=issues&limit=50")).length,
    loseNextAnswer: () => void (lost = "/issues"),
    async openPull({ head, title, body = "", files, asUs = false }) {
      const change = async ([path, text]: [string, string | null]) => {
        const there = await forge.file(repo, path, "main", AbortSignal.timeout(20_000));
        const sha = there.ok ? there.value?.sha : undefined;
        const operation = text === null ? "delete" : sha === undefined ? "create" : "update";
        return { operation, path, content: encoded(text ?? ""), ...(sha === undefined ? {} : { sha }) };
      };
      const changes = await Promise.all(Object.entries(files).map(change));
      await as(ada, "contents", { branch: "main", new_branch: head, message: "A change", files: changes });
      return Numbered.parse(await as(asUs ? bot : ada, "pulls", { head, base: "main", title, body })).number;
    },
    async push(branch, path, text) {
      const there = await forge.file(repo, path, branch, AbortSignal.timeout(20_000));
      const sha = there.ok ? there.value?.sha : undefined;
      const operation = sha === undefined ? "create" : "update";
      const change = { operation, path, content: encoded(text), ...(sha === undefined ? {} : { sha }) };
      await as(ada, "contents", { branch, message: "More", files: [change] });
    },
    async review(number, by, verdict) {
      const event = verdict === "approved" ? "APPROVED" : "REQUEST_CHANGES";
      await as(by === "writer" ? acme : stranger, `pulls/${number}/reviews`, { event, body: "I looked" });
    },
    async report(sha, context, state) {
      await as(ada, `statuses/${sha}`, { context, state });
    },
    loseNextMerge: () => void (lost = "/merge"),
  }));

  it("reads what somebody opens from a fork: a draft, a rename, a deletion, and a review that was taken back", async () => {
    await gitea.addRepo("acme", "open", { "a.md": "1\n2\n3\n", "b.md": "x\n", "c.md": "y\n" });
    await gitea.api("PUT", "/repos/acme/open/collaborators/prunella-bot", { permission: "write" });
    const call = async ({ token }: Person, method: string, path: string, body?: object): Promise<unknown> => {
      const answer = await fetch(`${gitea.url}/api/v1/repos/${path}`, {
        method,
        headers: { authorization: `token ${token}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path}: ${text}`);
      return text === "" ? null : JSON.parse(text);
    };
    await call(ada, "POST", "acme/open/forks", {});
    const place = { owner: "acme", repo: "open" };
    const at = { owner: "ada", repo: "open" };
    const signal = AbortSignal.timeout(60_000);
    const shaOf = async (path: string) => {
      const found = await forge.file(at, path, "main", signal);
      return found.ok ? (found.value?.sha ?? "") : "";
    };
    await call(ada, "POST", "ada/open/contents", {
      branch: "main",
      new_branch: "mine",
      message: "A change",
      files: [
        {
          operation: "update",
          path: "new/a.md",
          from_path: "a.md",
          sha: await shaOf("a.md"),
          content: encoded("1\n2\n3\n"),
        },
        { operation: "delete", path: "b.md", sha: await shaOf("b.md") },
      ],
    });
    const title = "WIP: from outside";
    const { number } = Numbered.parse(
      await call(ada, "POST", "acme/open/pulls", { head: "ada:mine", base: "main", title }),
    );
    const pull = await forge.pull(place, number, signal);
    if (!pull.ok) throw new Error(pull.refusal.message);
    expect(pull.value).toMatchObject({
      isDraft: true,
      isMergeable: null,
      head: { ref: "mine", repo: "ada/open" },
      changedFiles: 2,
    });
    expect(await forge.pullFiles(place, number, signal)).toMatchObject({
      value: {
        items: [
          { path: "b.md", status: "removed", deletions: 1 },
          { path: "new/a.md", before: "a.md", status: "renamed", additions: 0 },
        ],
      },
    });
    const { sha } = pull.value.head;
    await call(acme, "POST", `acme/open/statuses/${sha}`, { context: "tests", state: "warning" });
    expect(await forge.checks(place, sha, signal)).toMatchObject({
      value: { items: [{ name: "tests", state: "failure" }] },
    });
    const review = Made.parse(
      await call(acme, "POST", `acme/open/pulls/${number}/reviews`, { event: "APPROVED", body: "yes" }),
    );
    await call(acme, "POST", `acme/open/pulls/${number}/reviews/${review.id}/dismissals`, {
      message: "no",
      priors: false,
    });
    expect(await forge.pullReviews(place, number, signal)).toMatchObject({
      value: { items: [{ author: "acme", state: "dismissed", mayWrite: true }] },
    });
    // A draft is not merged, whatever is asked.
    expect(await forge.mergePull(place, number, { head: sha, method: "merge" }, signal)).toMatchObject({
      ok: false,
      refusal: { reason: "conflict" },
    });
  });

  /** What a browser would make of it: links, pictures, mentions and whatever else does something. */
  const liveIn = (html: string) =>
    [
      ...html.matchAll(
        /<(?:a|img|script|iframe|video|details|input|form)\b[^>]*>|class="[^"]*mention[^"]*"|<!--[^]*?-->/g,
      ),
    ].map(([found]) => found);
  /** What a person sees of an issue's text. */
  const shown = async (number: number) => {
    const page = await gitea.page(`/acme/shop/issues/${number}`);
    const [, part] = /render-content markup[^>]*>([^]*?)class="[^"]*raw-content/.exec(page) ?? [];
    if (part === undefined) throw new Error(`no text on ${page.slice(0, 500)}`);
    return part;
  };
  const file = async (title: string, body: string) => {
    const marker = `<!-- prunella:${Math.random()} -->`;
    const draft = { marker, title, body, labels: [], since: Date.now() };
    const opened = await forge.openIssue(repo, draft, AbortSignal.timeout(20_000));
    if (!opened.ok) throw new Error(opened.refusal.message);
    return opened.value.issue.number;
  };

  it("shows nothing live of what strangers wrote, in blocks and in lines, and would without our care", async () => {
    expect(hostileTexts.length).toBeGreaterThanOrEqual(300);
    expect(liveIn(await shown(await file("Without care", hostileTexts.join("\n\n")))).length).toBeGreaterThan(10);
    for (let at = 0; at < hostileTexts.length; at += 40) {
      const some = hostileTexts.slice(at, at + 40);
      const text = some.map((each) => `Said ${inline(each)} and\n\n${fenced(each)}\n\n- Fact: ${inline(each, 40)}`);
      const html = await shown(await file("With care", text.join("\n\n")));
      expect(html).toContain("Fact:");
      expect(liveIn(html)).toEqual([]);
    }
  });

  it("shows nothing live of what strangers wrote in titles", async () => {
    for (const each of hostileTexts.filter((_text, nth) => nth % 11 === 0)) {
      const page = await gitea.page(`/acme/shop/issues/${await file(`It said ${inertTitle(each)}`, "")}`);
      const title = /<h1[^>]*>([^]*?)<\/h1>/.exec(page)?.[1] ?? "";
      expect(title).toContain("It said");
      expect(
        liveIn(title).filter((found) => !found.startsWith("<input")),
        each,
      ).toEqual([]);
    }
  });

  it("says what a token may not do", async () => {
    const reader = await gitea.addUser("reader", ["read:issue", "read:user"]);
    const readOnly = createGitea({ url: gitea.url, token: () => reader.token, fetch });
    const draft = { marker: "<!-- m -->", title: "t", body: "b", labels: [], since: Date.now() };
    expect(await readOnly.openIssue(repo, draft, AbortSignal.timeout(20_000))).toMatchObject({
      ok: false,
      refusal: { reason: "forbidden", status: 403, message: expect.stringContaining("scope") },
    });
  });
});
