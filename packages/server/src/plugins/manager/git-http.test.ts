import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "@prunella/contract";
import type { Kernel } from "@prunella/kernel";
import { ENGINES } from "../../../../../test/engines.ts";
import { openKernel } from "../../../../../test/kernel-fixture.ts";
import { openGitServer } from "./git-server-fixture.ts";
import { clearFolders, fresh, git, plugin, write } from "./manager-fixture.ts";
import { createPluginManager } from "./manager.ts";

const BY: Actor = { kind: "person", id: "operator" };
const [sqlite] = ENGINES;

describe("a plugin from git over HTTP", { timeout: 60_000 }, () => {
  let store: Awaited<ReturnType<NonNullable<typeof sqlite>["open"]>>;
  let kernel: Kernel;
  let manager: ReturnType<typeof createPluginManager>;
  /** Of bare repositories. */
  let served: string;
  /** What is pushed to `hello.git` there. */
  let work: string;

  beforeAll(async () => {
    if (!sqlite) throw new Error("no engine");
    store = await sqlite.open();
    kernel = await openKernel(store.engine);
  });
  afterAll(async () => {
    await kernel.close();
    await store[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    manager = createPluginManager({ kernel, dataFolder: fresh(), ours: null });
    served = fresh();
    work = plugin();
    git(served, "init", "--quiet", "--bare", "hello.git");
    git(work, "init", "--quiet");
    git(work, "remote", "add", "origin", join(served, "hello.git"));
    commit("one");
  });
  afterEach(async () => {
    for (const { id } of await kernel.plugins.list("default")) await kernel.plugins.remove(id, BY);
    clearFolders();
  });

  function commit(message: string): string {
    git(work, "add", "-A");
    git(work, "commit", "--quiet", "-m", message);
    git(work, "push", "--quiet", "origin", "HEAD:refs/heads/main");
    return git(work, "rev-parse", "HEAD");
  }
  const head = (): string => git(work, "rev-parse", "HEAD");
  const add = (url: string, id: string) =>
    manager.add({ kind: "git", url: `${url}/hello.git`, commit: id, folder: "" }, undefined, "default", BY);
  /** A commit of one tree, written as it is said and pushed without anybody looking at it. */
  function commitOf(tree: Buffer): string {
    const hash = (kind: string, input: Buffer): string =>
      execFileSync("git", ["hash-object", "-t", kind, "-w", "--literally", "--stdin"], {
        cwd: join(served, "hello.git"),
        input,
        encoding: "utf8",
      }).trim();
    const by = "t <t@example.com> 1700000000 +0000";
    return hash("commit", Buffer.from(`tree ${hash("tree", tree)}\nauthor ${by}\ncommitter ${by}\n\nhostile\n`));
  }
  const entry = (mode: string, name: string, id: string): Buffer =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, "hex")]);
  /** The version before is there, whole, and is the one that runs. */
  async function expectOnly(digest: string): Promise<void> {
    expect((await kernel.plugins.list("default")).map((one) => one.digest)).toEqual([digest]);
    expect(await manager.verify()).toMatchObject([{ digest, state: "whole" }]);
  }

  it("is exactly one commit of a bare repository, and another when it is told to", async () => {
    await using server = await openGitServer(served);
    const one = await add(server.url, head());
    expect([one.change, one.detail.plugin.signature.state]).toEqual(["installed", "pinned"]);
    expect(server.asked.every((path) => path.startsWith("/hello.git/"))).toBe(true);
    write(work, { "src/word.ts": 'export const word: string = "ho";' });
    const two = await manager.update("hello", { commit: commit("two") }, "default", BY);
    expect([two.change, two.detail.artifacts.length]).toEqual(["updated", 2]);
    expect((await manager.rollBack("hello", null, "default", BY)).plugin.digest).toBe(one.detail.plugin.digest);
  });

  it("is not what a server gives instead of the commit that it was asked for", async () => {
    const good = head();
    write(work, { "src/word.ts": 'export const word: string = "evil";' });
    const evil = commit("evil");
    write(work, { "src/word.ts": 'export const word: string = "wanted";' });
    const wanted = commit("wanted");
    await using honest = await openGitServer(served);
    const { detail } = await add(honest.url, good);
    await using liar = await openGitServer(served, ({ body }) =>
      Buffer.from(body.toString("latin1").replaceAll(wanted, evil), "latin1"),
    );
    await expect(add(liar.url, wanted)).rejects.toMatchObject({ code: "PRUNELLA_PLUGIN_SOURCE" });
    await expectOnly(detail.plugin.digest);
  });

  it.each([
    ["leads elsewhere", 302, { location: "http://127.0.0.1:1/hello.git/info/refs" }, ""],
    ["wants a sign-in", 401, { "www-authenticate": "Basic realm=x" }, "it wants a sign-in"],
    ["refuses", 403, {}, "it wants a sign-in"],
    ["has no such repository", 404, {}, "there is no git repository"],
    ["breaks", 500, {}, ""],
    ["answers what is no git", 200, { "content-type": "application/x-git-upload-pack-advertisement" }, ""],
  ])("keeps the version before where its server %s", async (_, status, headers, why) => {
    await using honest = await openGitServer(served);
    const { detail } = await add(honest.url, head());
    await using server = await openGitServer(served, (_request, response) => {
      response.writeHead(status, headers).end("<html>words of a stranger</html>");
      return "answered";
    });
    const failed = add(server.url, head());
    await expect(failed).rejects.toMatchObject({
      code: "PRUNELLA_PLUGIN_SOURCE",
      detail: expect.stringContaining(why),
    });
    await expect(failed).rejects.not.toMatchObject({ detail: expect.stringContaining("stranger") });
    await expectOnly(detail.plugin.digest);
  });

  it("is not said to want a sign-in because its address has the digits of one", async () => {
    await using server = await openGitServer(served);
    const source = { kind: "git", url: `${server.url}/shop-401-403.git`, commit: head(), folder: "" } as const;
    await expect(manager.add(source, undefined, "default", BY)).rejects.toMatchObject({
      detail: expect.stringContaining("there is no git repository"),
    });
  });

  it("keeps the version before where its server breaks off in the middle of the files", async () => {
    await using honest = await openGitServer(served);
    const { detail } = await add(honest.url, head());
    await using server = await openGitServer(served, ({ path, body }, response) => {
      if (!path.endsWith("/git-upload-pack") || !body.includes("want")) return body;
      response.writeHead(200, { "content-type": "application/x-git-upload-pack-result", "content-length": "100000" });
      response.write("000dpackfile\n");
      setTimeout(() => response.destroy(), 50);
      return "answered";
    });
    await expect(add(server.url, head())).rejects.toMatchObject({ code: "PRUNELLA_PLUGIN_SOURCE" });
    await expectOnly(detail.plugin.digest);
  });

  it.each([
    ["climbs out", () => entry("40000", "..", git(work, "rev-parse", "HEAD^{tree}"))],
    ["brings a .git of its own", () => entry("40000", ".git", git(work, "rev-parse", "HEAD^{tree}"))],
    ["has a name with a slash", (blob: string) => entry("100644", "../../evil.txt", blob)],
    ["is a link", (blob: string) => entry("120000", "link", blob)],
    ["is another repository", () => entry("160000", "module", head())],
    ["has links to its modules", (blob: string) => entry("120000", ".gitmodules", blob)],
  ])("keeps the version before where a tree of the commit %s", async (_, tree) => {
    await using server = await openGitServer(served);
    const { detail } = await add(server.url, head());
    const hostile = commitOf(tree(git(work, "rev-parse", "HEAD:src/word.ts")));
    await expect(add(server.url, hostile)).rejects.toMatchObject({
      code: expect.stringMatching(/^PRUNELLA_PLUGIN_(?:SOURCE|INVALID)$/),
    });
    await expectOnly(detail.plugin.digest);
  });

  it("is refused before a file of it is written where its files are too large, however small they come", async () => {
    await using server = await openGitServer(served);
    const { detail } = await add(server.url, head());
    const zeros = execFileSync("git", ["hash-object", "-w", "--stdin"], {
      cwd: join(served, "hello.git"),
      input: Buffer.alloc(80 * 1_048_576),
      encoding: "utf8",
    }).trim();
    await expect(add(server.url, commitOf(entry("100644", "zeros", zeros)))).rejects.toMatchObject({
      code: "PRUNELLA_PLUGIN_INVALID",
      detail: expect.stringMatching(/^zeros: expected at most 64 MiB in the commit of /),
    });
    await expectOnly(detail.plugin.digest);
  });

  it("is given up where its server never stops sending", async () => {
    await using honest = await openGitServer(served);
    const { detail } = await add(honest.url, head());
    let sent = 0;
    await using server = await openGitServer(served, ({ path, body }, response) => {
      if (!path.endsWith("/git-upload-pack") || !body.includes("want")) return body;
      response.writeHead(200, { "content-type": "application/x-git-upload-pack-result" });
      response.write("000dpackfile\n");
      // A pack of one object that is stored and not packed: its bytes are not worth less on the disk.
      const noise = Buffer.alloc(65_515, 7);
      const line = (data: Buffer): Buffer =>
        Buffer.concat([Buffer.from((data.length + 5).toString(16).padStart(4, "0")), Buffer.from([1]), data]);
      response.write(line(Buffer.from("5041434b0000000200000001bfffffffff0f7801", "hex")));
      const more = (): void => {
        while (!response.destroyed) {
          const block = Buffer.concat([Buffer.from("00e6ff1900", "hex"), noise.subarray(0, 0xffe6)]);
          sent += block.length;
          if (!response.write(line(block.subarray(0, 65_515)))) return void response.once("drain", more);
        }
      };
      more();
      return "answered";
    });
    await expect(add(server.url, head())).rejects.toMatchObject({
      code: "PRUNELLA_PLUGIN_SOURCE",
      detail: expect.stringContaining("it sends more than 128 MiB"),
    });
    expect(sent).toBeGreaterThan(128 * 1_048_576);
    await expectOnly(detail.plugin.digest);
  });
});
