import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { addPull, commitOf, createFakehub } from "./fakehub/index.ts";
import { createGithub } from "./github/github.ts";
import { withPublisher } from "./with-publisher.ts";

const shop = { owner: "acme", repo: "shop" };
const other = { owner: "acme", repo: "other" };
let folder: string;
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const signal = () => AbortSignal.timeout(20_000);

async function begin() {
  folder = mkdtempSync(join(tmpdir(), "prunella-publisher-"));
  const hub = createFakehub({ folder, clock: { now: () => Date.now() } });
  for (const name of ["acme/shop", "acme/other"]) hub.addRepo(name, { "README.md": "# A repository\n" });
  const as = (login: string, permissions: Readonly<Record<string, string>>) => {
    const token = `of-${login}`;
    const expiresAt = Date.now() + 3_600_000;
    hub.state.tokens.set(token, { login, repos: new Set(["acme/shop", "acme/other"]), permissions, expiresAt });
    return createGithub({
      baseUrl: "http://fakehub.invalid",
      credentials: () => ({ token, expiresAt }),
      fetch: async (input, init) => hub.fetch(new Request(input, init)),
      clock: { now: () => Date.now() },
    });
  };
  const triage = as("filer", { issues: "write", contents: "read", pull_requests: "read" });
  const publisher = as("merger", { contents: "write", pull_requests: "write" });
  return { hub, forge: withPublisher(triage, { publisher, repos: ["Acme/Shop"] }) };
}

it("merges as the second identity, where that was opted in and nowhere else", async () => {
  const { hub, forge } = await begin();
  for (const name of ["acme/shop", "acme/other"])
    await addPull(hub, name, { head: "change", files: { "a.md": "a\n" } });
  const of = async (name: string) => ({ head: await commitOf(hub, name, "change"), method: "merge" }) as const;
  expect(await forge.mergePull(other, 1, await of("acme/other"), signal())).toMatchObject({
    ok: false,
    refusal: { reason: "forbidden", message: expect.stringContaining("forge.publisher.repos") },
  });
  expect(await forge.mergePull(shop, 1, await of("acme/shop"), signal())).toMatchObject({ ok: true });
  expect([...hub.state.repos.values()].map(({ pulls }) => pulls[0]?.state)).toEqual(["closed", "open"]);
});

it("knows what either of the two opened as ours", async () => {
  const { hub, forge } = await begin();
  for (const author of ["ada", "filer", "merger"])
    await addPull(hub, "acme/shop", { head: author, author, files: { [`${author}.md`]: "a\n" } });
  const ours = [];
  for (const number of [1, 2, 3]) {
    const pull = await forge.pull(shop, number, signal());
    ours.push(pull.ok && pull.value.isOurs);
  }
  expect(ours).toEqual([false, true, true]);
  const open = await forge.openPulls(shop, signal());
  const listed = open.ok ? open.value.items.map(({ author, isOurs }) => [author, isOurs]) : [];
  expect(Object.fromEntries(listed)).toEqual({ ada: false, filer: true, merger: true });
});
