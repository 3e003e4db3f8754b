import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PluginManifest } from "@prunella/contract/plugins";
import { createGithub } from "@prunella/forge";
import { addPull, commitOf, createFakehub, createFaults, push, textOf } from "@prunella/forge/fakehub";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { createBacklog } from "./backlog.ts";
import { createForgeMethods } from "./methods.ts";

const TOKEN = ["github", "_pat_", "x".repeat(22)].join("");
const FILE = {
  repo: "acme/shop",
  do: "file",
  name: "fault 1",
  title: "It broke",
  body: "What happened",
  labels: ["crash"],
};

describe.each(ENGINES)("what plugins ask of a host of repositories (a double), on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin() {
    const store = await open();
    const clock = testClock();
    const kernel = await openKernel(store.engine, clock);
    const faults = createFaults();
    const folder = mkdtempSync(join(tmpdir(), "prunella-methods-"));
    const hub = createFakehub({ folder, clock: { now: () => Date.now() }, faults });
    const repo = hub.addRepo("acme/shop", { "README.md": "# Shop\n" });
    hub.state.tokens.set(TOKEN, {
      login: "ada",
      repos: new Set(["acme/shop"]),
      permissions: { issues: "write", contents: "write", pull_requests: "read", checks: "read", statuses: "read" },
      expiresAt: Date.now() + 3_600_000,
    });
    let before: [RegExp, () => unknown] | null = null;
    const forge = createGithub({
      baseUrl: "http://fakehub.invalid",
      credentials: () => ({ token: TOKEN, expiresAt: Date.now() + 3_600_000 }),
      async fetch(input, init) {
        const request = new Request(input, init);
        const [path, work] = before ?? [/$^/, () => undefined];
        if (path.test(request.url)) [before] = [null, await work()];
        return hub.fetch(request);
      },
      clock: { now: () => Date.now() },
    });
    const methods = createForgeMethods({
      forge,
      filings: kernel.filings,
      faults: kernel.faults,
      scrubber: null,
      wakeBacklog() {},
      now: () => Date.now(),
    });
    const session = {
      invocation: "00000000-0000-7000-8000-000000000001",
      projectId: "default",
      plugin: { id: "00000000-0000-7000-8000-000000000002", name: "hotfix" },
      digest: `sha256:${"0".repeat(64)}`,
      manifest: PluginManifest.parse({
        manifestVersion: 1,
        name: "hotfix",
        version: "0.1.0",
        description: "Files.",
        license: "Apache-2.0",
        kind: "local",
        entry: "index.ts",
        engines: { prunella: ">=0.1.0" },
        namespace: "hotfix",
      }),
      input: null,
      egressLeft: 0,
      time: { begins() {}, ends() {} },
      signal: AbortSignal.timeout(60_000),
    };
    const call = async (method: string, params: object): Promise<unknown> =>
      methods.get(method)?.(params, { session, authorizeToo: async () => undefined });
    return {
      call,
      faults,
      /** Somebody else does this just before the host is asked for that, once. */
      onAsked: (path: RegExp, work: () => unknown) => void (before = [path, work]),
      hub,
      kernel,
      repo,
      /** What waits is written, as soon as the host may be asked. */
      async deliver() {
        const log = { info() {}, warn() {}, error() {} };
        const { filings } = kernel;
        const backlog = createBacklog({ forge, filings, until: async () => null, log, clock });
        backlog.wake();
        await expect.poll(() => filings.comments.waiting(1), { timeout: 60_000 }).toEqual([]);
        await backlog.close();
      },
      async [Symbol.asyncDispose]() {
        await kernel.close();
        rmSync(folder, { recursive: true, force: true });
        await store[Symbol.asyncDispose]();
      },
    };
  }

  test("reads a repository and a file of it", async () => {
    await using all = await begin();
    expect(await all.call("forge.repository.read", { repo: "acme/shop" })).toEqual({
      kind: "github",
      default_branch: "main",
    });
    expect(await all.call("github.contents.read", { repo: "acme/shop", path: "README.md", ref: null })).toMatchObject({
      file: { text: "# Shop\n" },
    });
  });

  test("files once for one name, also where the answer was lost or it was not written down", async () => {
    await using all = await begin();
    all.faults.add("lost_answer", { method: "post", path: /\/issues$/ });
    expect(await all.call("forge.issue.write", FILE)).toMatchObject({ is_new: true, issue: { number: 1 } });
    expect(await all.call("forge.issue.write", FILE)).toMatchObject({ is_new: false, issue: { number: 1 } });
    expect(all.repo.issues).toHaveLength(1);
    // Made, and the worker died before it could say so.
    const held = await all.kernel.filings.hold({ projectId: "default", place: "acme/shop", name: "2", faultId: null });
    if (held.kind !== "held") throw new Error("somebody holds it");
    await all.kernel.filings.trying({ filingId: held.filing.filing_id, holder: held.holder });
    const [first] = all.repo.issues;
    if (first !== undefined) all.repo.issues.push({ ...first, number: 2, body: `${held.marker}\nmade` });
    await all.kernel.filings.release({ filingId: held.filing.filing_id, holder: held.holder });
    expect(await all.call("forge.issue.write", { ...FILE, name: "2" })).toMatchObject({
      is_new: false,
      issue: { number: 2 },
    });
    expect(all.repo.issues).toHaveLength(2);
    expect(await all.kernel.filings.list({ projects: null, limit: 5 })).toMatchObject([{ number: 2 }, { number: 1 }]);
  });

  test("files once, however many ask at the same time", async () => {
    await using all = await begin();
    const asked = await Promise.allSettled(Array.from({ length: 6 }, () => all.call("forge.issue.write", FILE)));
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(all.repo.issues).toHaveLength(1);
  });

  test("sends no secret and no marker of anybody's, and keeps its own through every change", async () => {
    await using all = await begin();
    const secret = ["gh", "p_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("");
    await all.call("forge.issue.write", { ...FILE, title: `token ${secret}`, body: `${secret} <!-- prunella:x -->` });
    const [issue] = all.repo.issues;
    expect(JSON.stringify(issue)).not.toContain(secret);
    expect(issue?.body).not.toContain("<!-- prunella:x");
    const marker = /<!-- prunella:[0-9a-f-]+ -->/.exec(issue?.body ?? "")?.[0] ?? "none";
    await all.call("forge.issue.write", {
      repo: "acme/shop",
      do: "edit",
      name: "fault 1",
      body: "more",
      state: "closed",
    });
    expect(issue).toMatchObject({ state: "closed", body: `${marker}\nmore` });
    await expect(
      all.call("forge.issue.write", { repo: "acme/shop", do: "edit", name: "other", body: "x" }),
    ).rejects.toThrow("nothing was filed as other");
  });

  test("says what the host refused, and when it may be asked again", async () => {
    await using all = await begin();
    all.faults.add("secondary_limit", { method: "post", path: /\/issues$/ });
    expect(await all.call("forge.issue.write", FILE)).toMatchObject({ issue: null, waits_until: expect.any(Number) });
    expect(await all.kernel.filings.backlog(null)).toBe(1);
    expect(await all.call("forge.issue.write", FILE)).toMatchObject({ is_new: true });
  });

  test("has one comment for each name, put right in place", async () => {
    await using all = await begin();
    await all.call("forge.issue.write", FILE);
    const comment = { repo: "acme/shop", issue: 1, name: "seen" };
    expect(await all.call("forge.comment.write", { ...comment, body: "2 times" })).toMatchObject({ isNew: true });
    expect(await all.call("forge.comment.write", { ...comment, body: "3 times" })).toMatchObject({ isNew: false });
    expect(all.repo.comments.map(({ body }) => body.split("\n")[1])).toEqual(["3 times"]);
  });

  test("keeps a comment that its host does not take, says the newest as soon as it may, and one of them", async () => {
    await using all = await begin();
    await all.call("forge.issue.write", FILE);
    const comment = { repo: "acme/shop", issue: 1, name: "seen" };
    const waits = { id: null, waits_until: expect.any(Number) };
    for (const body of ["2 times", "3 times"]) {
      all.faults.add("secondary_limit", { method: "post", path: /\/comments$/ });
      expect(await all.call("forge.comment.write", { ...comment, body })).toMatchObject(waits);
    }
    // Done, and nobody heard that it was.
    all.faults.add("lost_answer", { method: "post", path: /\/comments$/ });
    expect(await all.call("forge.comment.write", { ...comment, body: "4 times" })).toMatchObject({ id: null });
    expect(await all.kernel.filings.comments.waiting(9)).toMatchObject([{ issue: 1, body: "4 times" }]);
    await all.deliver();
    expect(all.repo.comments.map(({ body }) => body.split("\n")[1])).toEqual(["4 times"]);
    expect(await all.kernel.filings.comments.waiting(9)).toEqual([]);
    // How its issue is, the host may not say either; that it is there stands here.
    all.faults.add("primary_limit", { method: "get", path: /\/issues\/1$/ });
    expect(await all.call("forge.issue.write", FILE)).toMatchObject({ issue: null, number: 1, is_new: false });
    // A person who will not have it is told no more of it.
    all.faults.add("secondary_limit", { method: "patch", path: /\/comments\/\d+$/ });
    expect(await all.call("forge.comment.write", { ...comment, body: "5 times" })).toMatchObject(waits);
    Object.assign(all.repo.issues[0] ?? {}, { state: "closed", stateReason: "not_planned" });
    await all.deliver();
    expect(all.repo.comments.map(({ body }) => body.split("\n")[1])).toEqual(["4 times"]);
    expect(await all.kernel.filings.comments.waiting(9)).toEqual([]);
  });

  test("leaves the newest words to the next, where somebody else is writing the same comment", async () => {
    await using all = await begin();
    await all.call("forge.issue.write", FILE);
    const comment = { repo: "acme/shop", issue: 1, name: "seen" };
    const isAsked = Promise.withResolvers<void>();
    const first = all.call("forge.comment.write", { ...comment, body: "2 times" });
    all.onAsked(/\/comments/, async () => {
      await all.call("forge.comment.write", { ...comment, body: "3 times" });
      isAsked.resolve();
    });
    await Promise.all([first, isAsked.promise]);
    expect(await all.kernel.filings.comments.waiting(9)).toMatchObject([{ body: "3 times" }]);
    await all.deliver();
    expect(all.repo.comments.map(({ body }) => body.split("\n")[1])).toEqual(["3 times"]);
  });

  test("reads a pull request with its files and reviews, those that are open, and what ran on a head", async () => {
    await using all = await begin();
    // As long as git can be told of one.
    const path = `src/${"x".repeat(60_000)}`;
    const paths = Array.from({ length: 7 }, (_, at) => `${path}${at}`);
    const files = { "README.md": "# Shop\nmore\n", ...Object.fromEntries(paths.map((one) => [one, ""])) };
    await addPull(all.hub, "acme/shop", { head: "change", author: "bo", body: "b".repeat(30_000), files });
    const head = await commitOf(all.hub, "acme/shop", "change");
    all.repo.checks.push({ kind: "run", sha: head, name: "tests", status: "completed", conclusion: "success" });
    expect(await all.call("forge.pull_request.read", { repo: "acme/shop", number: 1 })).toMatchObject({
      pull: { number: 1, head: { sha: head }, isOurs: false, isMergeable: true, body: "b".repeat(20_000) },
      // What would not fit into an answer is left out, and that is said.
      files: [{ path: "README.md" }, ...paths.slice(0, 6).map((one) => ({ path: one }))],
      reviews: [],
      is_cut: true,
    });
    const listed = await all.call("github.pull_request.read", { repo: "acme/shop", number: null });
    expect(listed).toMatchObject({ pulls: [{ number: 1, author: "bo" }], is_cut: false });
    expect(JSON.stringify(listed)).not.toContain("bbbb");
    expect(await all.call("forge.check.read", { repo: "acme/shop", sha: head })).toMatchObject({
      checks: [{ name: "tests", state: "success" }],
      is_cut: false,
    });
  });

  test("gives no files of another head than the one that it gives", async () => {
    await using all = await begin();
    await addPull(all.hub, "acme/shop", { head: "change", author: "bo", files: { "README.md": "evil" } });
    all.onAsked(/\/files/, () => push(all.hub, "acme/shop", "change", { "README.md": "harmless" }));
    await expect(all.call("forge.pull_request.read", { repo: "acme/shop", number: 1 })).rejects.toMatchObject({
      message: expect.stringContaining("changed while it was read"),
    });
    expect(await all.call("forge.pull_request.read", { repo: "acme/shop", number: 1 })).toMatchObject({
      files: [{ path: "README.md" }],
    });
  });

  test("merges exactly the head that was named, and nothing of our own", async () => {
    await using all = await begin();
    const files = { "README.md": "# Shop\nmore\n" };
    await addPull(all.hub, "acme/shop", { head: "theirs", files });
    await addPull(all.hub, "acme/shop", { head: "ours", author: "ada-bot", files });
    await addPull(all.hub, "acme/shop", { head: "marked", body: "<!-- prunella:1 -->", files });
    Object.assign(all.hub.state.tokens.get(TOKEN) ?? {}, { login: "ada-bot" });
    const merge = async (number: number, branch: string, base = "main") => {
      const head = await commitOf(all.hub, "acme/shop", branch);
      return all.call("forge.pull_request.merge", { repo: "acme/shop", number, head, base, method: "merge" });
    };
    await expect(merge(1, "theirs", "release")).rejects.toMatchObject({ data: { reason: "conflict" } });
    await expect(merge(2, "ours")).rejects.toMatchObject({ data: { reason: "self" } });
    await addPull(all.hub, "acme/shop", { head: "prunella/fix-1", files });
    await expect(merge(4, "prunella/fix-1")).rejects.toMatchObject({ data: { reason: "self" } });
    const { pulls }: { pulls: { number: number; isOurs: boolean }[] } = Object(
      await all.call("forge.pull_request.read", { repo: "acme/shop", number: null }),
    );
    expect(pulls.map(({ number, isOurs }) => [number, isOurs]).toSorted()).toEqual([
      [1, false],
      [2, true],
      [3, true],
      [4, true],
    ]);
    await expect(merge(3, "marked")).rejects.toMatchObject({ data: { reason: "self" } });
    await expect(merge(1, "ours")).rejects.toMatchObject({ data: { reason: "conflict", status: 409 } });
    expect(all.repo.pulls.map(({ state }) => state)).toEqual(["open", "open", "open", "open"]);
    expect(await merge(1, "theirs")).toMatchObject({ sha: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(await textOf(all.hub, "acme/shop", "main", "README.md")).toBe("# Shop\nmore\n");
  });
});
