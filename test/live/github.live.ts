import { createGithub, type Asked } from "@prunella/forge";
import { afterAll, expect, it } from "vitest";
import { createPublished } from "../../packages/forge/src/fakehub/published-fixture.ts";

/**
 * What the double is held to, asked of GitHub itself: each request and answer fits what GitHub publishes, and a marker
 * is found. It makes one issue with one comment and closes it.
 */
const { PRUNELLA_LIVE_TOKEN: token, PRUNELLA_LIVE_REPO: name, PRUNELLA_LIVE_URL: url } = process.env;
const [owner = "", repo = ""] = (name ?? "").split("/");
if (token === undefined || owner === "" || repo === "")
  throw new Error(
    "Set PRUNELLA_LIVE_TOKEN to a fine-grained token (contents: read, issues: write) and PRUNELLA_LIVE_REPO to the owner/name of a repository made for this.",
  );

const published = createPublished();
const misfits: string[] = [];
const base = url ?? "https://api.github.com";
const forge = createGithub({
  baseUrl: base,
  credentials: () => ({ token, expiresAt: Date.now() + 3_600_000 }),
  clock: { now: () => Date.now() },
  async fetch(input, init) {
    const request = new Request(input, init);
    const sent = await request.clone().text();
    const answer = await fetch(request);
    const text = await answer.clone().text();
    const read = (body: string): unknown => (body === "" ? null : JSON.parse(body));
    const path = new URL(request.url).pathname.slice(new URL(base).pathname.replace(/\/$/, "").length);
    const method = request.method.toLowerCase();
    misfits.push(...published.check({ method, path, request: read(sent), status: answer.status, answer: read(text) }));
    return answer;
  },
});
const at = { owner, repo };
const signal = () => AbortSignal.timeout(30_000);
const marker = `<!-- prunella:live-${Date.now()} -->`;
const draft = {
  marker,
  title: "A live test of Prunella",
  body: "It is closed when the test ends.",
  labels: [],
  since: 0,
};
let made = 0;

function told<T>(asked: Asked<T>): T {
  if (!asked.ok) throw new Error(`${asked.refusal.reason}: ${asked.refusal.message}`);
  return asked.value;
}

afterAll(async () => {
  if (made > 0) await forge.editIssue(at, made, { state: "closed" }, signal());
});

it("says who we are and what its default branch is", async () => {
  expect(told(await forge.me(signal()))).not.toBe("");
  const branch = told(await forge.defaultBranch(at, signal()));
  expect(told(await forge.commitOf(at, branch, signal()))).toMatch(/^[0-9a-f]{40}$/);
  expect(told(await forge.file(at, "no/such/file", null, signal()))).toBeNull();
});

it("files one issue for one marker, and keeps one comment", async () => {
  const first = told(await forge.openIssue(at, draft, signal()));
  made = first.issue.number;
  expect(first.isNew).toBe(true);
  expect(told(await forge.openIssue(at, draft, signal()))).toMatchObject({ isNew: false, issue: { number: made } });
  const comment = (body: string) => forge.commentOnIssue(at, made, { marker: `${marker}c`, body }, signal());
  const { id } = told(await comment("seen once"));
  expect(told(await comment("seen twice"))).toMatchObject({ id, isNew: false });
  expect(told(await forge.editIssue(at, made, { state: "closed" }, signal()))).toMatchObject({ state: "closed" });
});

it("asks and answers nothing that its published description does not have", () => {
  expect(misfits).toEqual([]);
});
