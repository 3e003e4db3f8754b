/** What holds of every host of repositories, whatever it is called. */
import { expect, it } from "vitest";
import type { Forge, IssueDraft, RepoName } from "./forge.ts";

export interface ForgeUnderTest {
  readonly forge: Forge;
  readonly repo: RepoName;
  /** Somebody else files this. */
  asStranger(title: string, body: string): Promise<number>;
  /** Somebody else comments so. */
  commentAsStranger(issue: number, body: string): Promise<void>;
  /** A person closes it, saying that nothing will be done. */
  closeAsNotPlanned(issue: number): Promise<void>;
  comments(issue: number): Promise<readonly string[]>;
  /** How many there are, whoever filed them. */
  countIssues(): Promise<number>;
  /** The next request that makes an issue is carried out, and its answer is lost. */
  loseNextAnswer(): void;
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
    expect(await forge.defaultBranch(repo, signal())).toEqual({ ok: true, value: "main" });
    expect(await forge.commitOf(repo, "main", signal())).toMatchObject({
      ok: true,
      value: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
  });

  it("says what is not there", async () => {
    const { forge, repo } = of();
    const elsewhere = { owner: repo.owner, repo: "no-such-repository" };
    const refusal = { ok: false, refusal: { reason: "not_found", status: 404 } };
    expect(await forge.defaultBranch(elsewhere, signal())).toMatchObject(refusal);
    expect(await forge.issue(repo, 999_999, signal())).toMatchObject(refusal);
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

  it("ends when it is called off", async () => {
    const { forge, repo } = of();
    expect(await forge.defaultBranch(repo, AbortSignal.abort())).toMatchObject({
      ok: false,
      refusal: { reason: "unreachable", status: null },
    });
  });
}
