/** What holds of every host of repositories, whatever it is called. */
import { expect, it } from "vitest";
import type { Asked, Forge, IssueDraft, RepoName } from "./forge.ts";

export interface ForgeUnderTest {
  readonly forge: Forge;
  readonly repo: RepoName;
  /** Somebody else files this. */
  asStranger(title: string, body: string): Promise<number>;
  /** Somebody else comments so. */
  commentAsStranger(issue: number, body: string): Promise<void>;
  /** A person closes it, saying that nothing will be done. */
  closeAsNotPlanned(issue: number): Promise<void>;
  /** Makes it private, or public again. */
  hide(isPrivate: boolean): Promise<void>;
  comments(issue: number): Promise<readonly string[]>;
  /** How many there are, whoever filed them. */
  countIssues(): Promise<number>;
  /** The next request that makes an issue is carried out, and its answer is lost. */
  loseNextAnswer(): void;
  /** Somebody who may write opens it from a branch of these files; null: deletes one. */
  openPull(of: {
    head: string;
    title: string;
    body?: string;
    files: Readonly<Record<string, string | null>>;
    asUs?: boolean;
  }): Promise<number>;
  /** One more commit on a branch. */
  push(branch: string, path: string, text: string): Promise<void>;
  review(pull: number, as: "writer" | "stranger", verdict: "approved" | "changes_requested"): Promise<void>;
  /** Something that ran on a commit says how it went. */
  report(sha: string, name: string, state: "success" | "failure" | "pending"): Promise<void>;
  /** The next merge is carried out, and its answer is lost. */
  loseNextMerge(): void;
}

const signal = (): AbortSignal => AbortSignal.timeout(20_000);
let at = 0;
const draft = (more: Partial<IssueDraft> = {}): IssueDraft => ({
  marker: `<!-- prunella:${(at += 1)} -->`,
  title: `It broke ${at}`,
  body: "What happened",
  labels: [],
  since: Date.now() - 60_000,
  ...more,
});

/** The repository has `docs/a file.md`, whose text is `Grüße\n`, on `main`. */
export function forgeSuite(of: () => ForgeUnderTest): void {
  it("reads a file, the default branch and a commit", async () => {
    const { forge, repo } = of();
    expect(await forge.file(repo, "docs/a file.md", null, signal())).toMatchObject({
      ok: true,
      value: { text: "Grüße\n" },
    });
    expect(await forge.file(repo, "docs/a file.md", "main", signal())).toMatchObject({ ok: true });
    expect(await forge.file(repo, "no/such/file", null, signal())).toEqual({ ok: true, value: null });
    // A folder is no file.
    expect(await forge.file(repo, "docs", null, signal())).toEqual({ ok: true, value: null });
    expect(await forge.defaultBranch(repo, signal())).toEqual({ ok: true, value: "main" });
    expect(await forge.commitOf(repo, "main", signal())).toMatchObject({
      ok: true,
      value: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
  });

  it("reads no file of a path that leads out of its repository, though the host would", async () => {
    const { forge, repo } = of();
    for (const path of [
      "../../shop/contents/docs/a file.md",
      "docs/../docs/a file.md",
      "./docs/a file.md",
      "docs//a file.md",
    ])
      expect([path, await forge.file(repo, path, null, signal())]).toEqual([path, { ok: true, value: null }]);
  });

  it("says what is not there", async () => {
    const { forge, repo } = of();
    const elsewhere = { owner: repo.owner, repo: "no-such-repository" };
    const refusal = { ok: false, refusal: { reason: "not_found", status: 404 } };
    expect(await forge.defaultBranch(elsewhere, signal())).toMatchObject(refusal);
    expect(await forge.issue(repo, 999_999, signal())).toMatchObject(refusal);
    expect(await forge.pull(repo, 999_999, signal())).toMatchObject(refusal);
  });

  it("files once for one marker, and reads what it filed", async () => {
    const { forge, repo, countIssues } = of();
    const before = await countIssues();
    const wanted = draft({ labels: ["crash", "prunella"], body: "Straße & <b>bold</b>\n\n    code" });
    const first = await forge.openIssue(repo, wanted, signal());
    expect(first).toMatchObject({ ok: true, value: { isNew: true, issue: { title: wanted.title, state: "open" } } });
    if (!first.ok) return;
    const { issue } = first.value;
    expect(issue.body).toContain(wanted.body);
    expect(issue.body).toContain(wanted.marker);
    expect([...issue.labels].toSorted()).toEqual(["crash", "prunella"]);
    expect(issue.url).toContain(String(issue.number));
    expect(await forge.openIssue(repo, wanted, signal())).toEqual({ ok: true, value: { isNew: false, issue } });
    expect(await forge.issue(repo, issue.number, signal())).toEqual({ ok: true, value: issue });
    expect(await countIssues()).toBe(before + 1);
  });

  it("files once though the answer was lost", async () => {
    const { forge, repo, countIssues, loseNextAnswer } = of();
    const before = await countIssues();
    const wanted = draft();
    loseNextAnswer();
    expect(await forge.openIssue(repo, wanted, signal())).toMatchObject({ ok: true, value: { isNew: true } });
    expect(await forge.openIssue(repo, wanted, signal())).toMatchObject({ ok: true, value: { isNew: false } });
    expect(await countIssues()).toBe(before + 1);
  });

  it("is not taken in by a stranger who writes our marker", async () => {
    const { forge, repo, asStranger } = of();
    const wanted = draft();
    await asStranger("mine", `text ${wanted.marker}`);
    expect(await forge.findIssue(repo, wanted, signal())).toEqual({ ok: true, value: null });
    expect(await forge.openIssue(repo, wanted, signal())).toMatchObject({ ok: true, value: { isNew: true } });
  });

  it("knows which issues have a label, also of one that nobody has made yet", async () => {
    const { forge, repo } = of();
    const label = `wanted-${Date.now()}`;
    expect(await forge.labelled(repo, label, signal())).toEqual({ ok: true, value: [] });
    await forge.openIssue(repo, draft(), signal());
    const opened = await forge.openIssue(repo, draft({ labels: [label, "crash"] }), signal());
    if (!opened.ok) throw new Error(opened.refusal.message);
    expect(await forge.labelled(repo, label, signal())).toEqual({ ok: true, value: [opened.value.issue.number] });
  });

  it("knows whether everybody sees a repository", async () => {
    const { forge, repo, hide } = of();
    expect(await forge.isPrivate(repo, signal())).toEqual({ ok: true, value: false });
    await hide(true);
    expect(await forge.isPrivate(repo, signal())).toEqual({ ok: true, value: true });
    await hide(false);
  });

  it("closes and opens again, and knows what a person did not plan", async () => {
    const { forge, repo, closeAsNotPlanned } = of();
    const opened = await forge.openIssue(repo, draft(), signal());
    if (!opened.ok) throw new Error(opened.refusal.message);
    const { number } = opened.value.issue;
    expect(opened.value.issue.closedAs).toBeNull();
    expect(
      await forge.editIssue(repo, number, { state: "closed", title: "It broke, and is well" }, signal()),
    ).toMatchObject({
      ok: true,
      value: { state: "closed", closedAs: "completed", title: "It broke, and is well" },
    });
    expect(await forge.editIssue(repo, number, { state: "open" }, signal())).toMatchObject({
      ok: true,
      value: { state: "open", closedAs: null },
    });
    await closeAsNotPlanned(number);
    expect(await forge.issue(repo, number, signal())).toMatchObject({
      ok: true,
      value: { state: "closed", closedAs: "not_planned" },
    });
  });

  it("puts its one comment right in place, and leaves a stranger's alone", async () => {
    const { forge, repo, comments, commentAsStranger } = of();
    const opened = await forge.openIssue(repo, draft(), signal());
    if (!opened.ok) throw new Error(opened.refusal.message);
    const { number } = opened.value.issue;
    const marker = "<!-- prunella:seen -->";
    await commentAsStranger(number, `me ${marker}`);
    const first = await forge.commentOnIssue(repo, number, { marker, body: "2 times" }, signal());
    expect(first).toMatchObject({ ok: true, value: { isNew: true } });
    const second = await forge.commentOnIssue(repo, number, { marker, body: "3 times" }, signal());
    expect(second).toMatchObject({ ok: true, value: { isNew: false, id: first.ok ? first.value.id : 0 } });
    expect(await comments(number)).toEqual([`me ${marker}`, `${marker}\n3 times`]);
  });

  const must = async <T>(asked: Promise<Asked<T>>): Promise<T> => {
    const answer = await asked;
    if (!answer.ok) throw new Error(answer.refusal.message);
    return answer.value;
  };
  const mergeable = async (number: number) => {
    const { forge, repo } = of();
    // A host looks whether it can be merged some time after it was opened or pushed to.
    await expect
      .poll(async () => (await must(forge.pull(repo, number, signal()))).isMergeable, {
        timeout: 20_000,
        interval: 200,
      })
      .toBe(true);
    return must(forge.pull(repo, number, signal()));
  };

  it("reads a pull request, its files, who reviewed it and what ran on its head", async () => {
    const { forge, repo, openPull, review, report } = of();
    const files = { "docs/a file.md": "Grüße\nund mehr\n", "src/new.ts": "1\n2\n3\n" };
    const title = "Straße \u202e <b>@prunella-admin</b>";
    const number = await openPull({ head: "change-1", title, body: "`x`", files });
    const pull = await mergeable(number);
    expect(pull).toMatchObject({
      number,
      title,
      body: "`x`",
      author: "ada",
      isOurs: false,
      state: "open",
      isMerged: false,
      isDraft: false,
      base: { ref: "main" },
      head: { ref: "change-1", repo: "acme/shop" },
      changedFiles: 2,
      additions: 4,
      deletions: 0,
      mergedAs: null,
    });
    expect(pull.url).toMatch(new RegExp(`/acme/shop/pulls?/${number}$`));
    expect(await must(forge.pullFiles(repo, number, signal()))).toEqual({
      isCut: false,
      items: [
        { path: "docs/a file.md", before: null, status: "modified", additions: 1, deletions: 0 },
        { path: "src/new.ts", before: null, status: "added", additions: 3, deletions: 0 },
      ],
    });
    const list = await must(forge.openPulls(repo, signal()));
    expect(list.items.find((one) => one.number === number)).toMatchObject({ title, head: pull.head, author: "ada" });

    expect(await must(forge.pullReviews(repo, number, signal()))).toEqual({ items: [], isCut: false });
    await review(number, "stranger", "approved");
    await review(number, "writer", "changes_requested");
    const reviews = await must(forge.pullReviews(repo, number, signal()));
    expect(reviews.items).toMatchObject([
      { author: "mallory", state: "approved", mayWrite: false, sha: pull.head.sha },
      { author: "acme", state: "changes_requested", mayWrite: true, sha: pull.head.sha },
    ]);

    expect(await must(forge.checks(repo, pull.head.sha, signal()))).toEqual({ items: [], isCut: false });
    await report(pull.head.sha, "build", "pending");
    await report(pull.head.sha, "tests", "success");
    await report(pull.head.sha, "build", "failure");
    const { items } = await must(forge.checks(repo, pull.head.sha, signal()));
    expect(items.map(({ name, state }) => [name, state]).toSorted()).toEqual([
      ["build", "failure"],
      ["tests", "success"],
    ]);
  });

  it("knows its own pull request, and one that cannot be merged", async () => {
    const { forge, repo, openPull, push } = of();
    await push("main", "docs/both.md", "as it is\n");
    const number = await openPull({ head: "change-2", title: "t", files: { "docs/both.md": "mine\n" }, asUs: true });
    expect(await mergeable(number)).toMatchObject({ isOurs: true });
    await push("main", "docs/both.md", "theirs\n");
    await expect
      .poll(async () => (await must(forge.pull(repo, number, signal()))).isMergeable, {
        timeout: 20_000,
        interval: 200,
      })
      .toBe(false);
  });

  it("merges the head that was meant and no other", async () => {
    const { forge, repo, openPull, push } = of();
    const number = await openPull({ head: "change-3", title: "t", files: { "src/three.ts": "3\n" } });
    const seen = await mergeable(number);
    await push("change-3", "src/three.ts", "evil\n");
    const moved = await mergeable(number);
    expect(moved.head.sha).not.toBe(seen.head.sha);
    const of3 = { head: seen.head.sha, method: "merge" } as const;
    expect(await forge.mergePull(repo, number, of3, signal())).toMatchObject({
      ok: false,
      refusal: { reason: "conflict" },
    });
    expect(await must(forge.pull(repo, number, signal()))).toMatchObject({ state: "open", isMerged: false });
    // A host that has just been pushed to looks at it once more, and says no until then.
    let sha: string | null = null;
    const merge = async () => {
      const asked = await forge.mergePull(repo, number, { ...of3, head: moved.head.sha }, signal());
      if (asked.ok) ({ sha } = asked.value);
      return asked.ok;
    };
    await expect.poll(merge, { timeout: 45_000, interval: 500 }).toBe(true);
    expect(sha).toMatch(/^[0-9a-f]{40}$/);
    expect(await must(forge.pull(repo, number, signal()))).toMatchObject({
      state: "closed",
      isMerged: true,
      mergedAs: sha,
      head: { sha: moved.head.sha },
    });
    expect(await must(forge.file(repo, "src/three.ts", "main", signal()))).toMatchObject({ text: "evil\n" });
    expect(await forge.mergePull(repo, number, { ...of3, head: moved.head.sha }, signal())).toMatchObject({
      ok: false,
    });
  });

  it("knows that it merged though the answer was lost", async () => {
    const { forge, repo, openPull, loseNextMerge } = of();
    const number = await openPull({ head: "change-4", title: "t", files: { "src/four.ts": "4\n" } });
    const { head } = await mergeable(number);
    loseNextMerge();
    const merged = await must(forge.mergePull(repo, number, { head: head.sha, method: "squash" }, signal()));
    expect(merged.sha).toMatch(/^[0-9a-f]{40}$/);
    expect((await must(forge.openPulls(repo, signal()))).items.map((one) => one.number)).not.toContain(number);
  });

  it("ends when it is called off", async () => {
    const { forge, repo } = of();
    expect(await forge.defaultBranch(repo, AbortSignal.abort())).toMatchObject({
      ok: false,
      refusal: { reason: "unreachable", status: null },
    });
  });
}
