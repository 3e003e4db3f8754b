import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "@prunella/contract";
import { PluginLock } from "@prunella/contract/plugins";
import type { Kernel } from "@prunella/kernel";
import { ENGINES } from "../../../../../test/engines.ts";
import { openKernel } from "../../../../../test/kernel-fixture.ts";
import { needs } from "../../../../../test/needs.ts";
import { clearFolders, fresh, git, MANIFEST, plugin, repository, write } from "./manager-fixture.ts";
import { createPluginManager } from "./manager.ts";

const BY: Actor = { kind: "person", id: "operator" };
const [sqlite] = ENGINES;

describe("the manager", () => {
  let store: Awaited<ReturnType<NonNullable<typeof sqlite>["open"]>>;
  let kernel: Kernel;
  let data: string;
  let manager: ReturnType<typeof createPluginManager>;

  // One store for all: each test takes out what it put in.
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
    data = fresh();
    manager = createPluginManager({ kernel, dataFolder: data, ours: null });
  });
  afterEach(async () => {
    for (const { id } of await kernel.plugins.list("default")) await kernel.plugins.remove(id, BY);
    clearFolders();
  });

  const add = (path: string, name?: string) => manager.add({ kind: "path", path }, name, "default", BY);
  const current = async () => (await kernel.plugins.list("default"))[0];

  it("bundles a folder into the store, read-only, and writes the lockfile", async () => {
    const { change, detail } = await add(plugin());
    expect([change, detail.plugin.standing]).toEqual(["installed", "ready"]);
    const path = manager.store.pathOf(detail.plugin.digest);
    expect(readFileSync(path, "utf8")).toMatch(/^\/\* hello 0\.1\.0, manifest sha256:[0-9a-f]{64} \*\/\n[\s\S]*"hi"/);
    expect(() => chmodSync(path, 0o444)).not.toThrow();
    const lock = PluginLock.parse(JSON.parse(readFileSync(join(data, "plugins.lock.json"), "utf8")));
    expect(lock.plugins[0]).toMatchObject({ name: "hello", digest: detail.plugin.digest, bundler: "esbuild 0.28.2" });
    expect(await manager.verify()).toMatchObject([{ name: "hello", state: "whole" }]);
    expect((await add(detail.plugin.source.kind === "path" ? detail.plugin.source.path : "")).change).toBe("unchanged");
  });

  it("gives the same files the same digest wherever they lie, and another manifest another", async () => {
    const one = await add(plugin());
    const elsewhere = createPluginManager({ kernel, dataFolder: fresh(), ours: null });
    const two = await elsewhere.add({ kind: "path", path: plugin() }, undefined, "default", BY);
    expect(two.detail.plugin.digest).toBe(one.detail.plugin.digest);
    const wider = plugin({}, { network: [{ host: "example.com", methods: ["GET"], reason: "More." }] });
    const three = await elsewhere.add({ kind: "path", path: wider }, undefined, "default", BY);
    expect(three.detail.plugin.digest).not.toBe(one.detail.plugin.digest);
  });

  it("bundles imports that go in a circle", async () => {
    const path = plugin({
      "src/index.ts": 'import { a } from "./a.ts"; export default { commands: { hi: () => a() } };',
      "src/a.ts": 'import { b } from "./b.ts"; export const a = (): string => b;',
      "src/b.ts": 'import { a } from "./a.ts"; export const b: string = typeof a;',
    });
    expect((await add(path)).change).toBe("installed");
  });

  it.each([
    [
      "a symbolic link",
      (folder: string) => symlinkSync("/etc/passwd", join(folder, "src/data.txt")),
      "src/data.txt: expected a file and not a symbolic link.",
    ],
    [
      "a linked folder",
      (folder: string) => symlinkSync("/etc", join(folder, "etc")),
      "etc: expected a file and not a symbolic link.",
    ],
    [
      "a hard link",
      (folder: string) => linkSync(join(folder, "src/word.ts"), join(folder, "src/same.ts")),
      "src/same.ts: expected a file of its own and not a hard link.",
    ],
    [
      "a pipe",
      (folder: string) => execFileSync("mkfifo", [join(folder, "pipe")]),
      "pipe: expected a file, and no device, socket or pipe.",
    ],
    [
      "a gigabyte",
      (folder: string) => {
        writeFileSync(join(folder, "big.bin"), "");
        truncateSync(join(folder, "big.bin"), 1_073_741_824);
      },
      "big.bin: expected at most 32 MiB in all.",
    ],
    [
      "an import that climbs out",
      (folder: string) => write(folder, { "src/index.ts": 'import "../../../../../../etc/passwd";' }),
      /src\/index\.ts:1:7: .*(?:leaves the plugin's folder|resolve)/,
    ],
    [
      "an absolute import",
      (folder: string) => write(folder, { "src/index.ts": 'import x from "/etc/os-release"; export default x;' }),
      /src\/index\.ts.*(?:leaves the plugin's folder|resolve|loader)/,
    ],
    [
      "an import from the network",
      (folder: string) => write(folder, { "src/index.ts": 'import "https://esm.sh/left-pad";' }),
      /is no file of the plugin/,
    ],
    [
      "a package that is not there",
      (folder: string) => write(folder, { "src/index.ts": 'import "left-pad";' }),
      /src\/index\.ts:1:7: Could not resolve/,
    ],
    ["no code", (folder: string) => write(folder, { "src/index.ts": "export default {{{" }), /src\/index\.ts:1:\d+: /],
    [
      "a manifest with a mistake",
      (folder: string) => write(folder, { "prunella.plugin.json": JSON.stringify({ ...MANIFEST, comands: [] }) }),
      "prunella.plugin.json: comands: expected nothing: there is no such key; did you mean commands",
    ],
  ])("refuses %s, and the version before goes on", async (_, spoil, detail) => {
    const folder = plugin();
    const before = await add(folder);
    spoil(folder);
    await expect(add(folder)).rejects.toMatchObject({
      code: "PRUNELLA_PLUGIN_INVALID",
      detail: typeof detail === "string" ? detail : expect.stringMatching(detail),
    });
    expect((await current())?.digest).toBe(before.detail.plugin.digest);
    expect(await manager.verify()).toMatchObject([{ state: "whole" }]);
    expect(readdirSync(join(data, "plugins"))).toEqual(["bundles"]);
  });

  it("embeds no file of the machine by an import that names one with its path", async () => {
    const canary = write(fresh(), { "canary.json": '{"canary":"fish-4711"}' });
    const folder = plugin({ "src/index.ts": `import c from "${canary}/canary.json"; export default c;` });
    await expect(add(folder)).rejects.toMatchObject({
      detail: expect.stringContaining("an import leaves the plugin's folder"),
    });
  });

  it("finds a bundle of which one byte is another, and takes its source anew", async () => {
    const folder = plugin();
    const { detail } = await add(folder);
    const path = manager.store.pathOf(detail.plugin.digest);
    chmodSync(path, 0o644);
    writeFileSync(path, readFileSync(path, "utf8").replace('"hi"', '"ho"'));
    expect(await manager.verify()).toMatchObject([{ state: "changed" }]);
    await manager.update("hello", {}, "default", BY);
    expect(await manager.verify()).toMatchObject([{ state: "whole" }]);
    rmSync(dirname(path), { recursive: true });
    expect(await manager.verify()).toMatchObject([{ state: "missing" }]);
  });

  it("goes back to the version before, whose bundle is still there, and removes both", async () => {
    const folder = plugin();
    const one = await add(folder);
    write(folder, { "src/word.ts": 'export const word: string = "ho";' });
    const two = await manager.update("hello", {}, "default", BY);
    expect(two.change).toBe("updated");
    await manager.rollBack("hello", null, "default", BY);
    expect((await current())?.digest).toBe(one.detail.plugin.digest);
    expect(existsSync(manager.store.pathOf(two.detail.plugin.digest))).toBe(true);
    await manager.remove("hello", BY);
    expect(readdirSync(join(data, "plugins/bundles"))).toEqual([]);
    expect(JSON.parse(readFileSync(join(data, "plugins.lock.json"), "utf8"))).toEqual({ lockVersion: 1, plugins: [] });
  });

  it("keeps both of two installs at once in the lockfile", async () => {
    const [a, b] = [plugin({}, { name: "able", namespace: "able" }), plugin({}, { name: "baker", namespace: "baker" })];
    await Promise.all([add(a), add(b)]);
    const lock = PluginLock.parse(JSON.parse(readFileSync(join(data, "plugins.lock.json"), "utf8")));
    expect(lock.plugins.map(({ name }) => name)).toEqual(["able", "baker"]);
  });

  it("sweeps away what an end in the middle of an install left, and runs what was there before", async () => {
    const folder = plugin();
    const { detail } = await add(folder);
    // Killed while it wrote a bundle beside, and once before the database was told of one.
    write(data, {
      "plugins/.new-1-1-half/bundle.js": "half",
      [`plugins/bundles/${"0".repeat(64)}/bundle.js`]: "orphan",
    });
    expect((await current())?.digest).toBe(detail.plugin.digest);
    write(folder, { "src/word.ts": 'export const word: string = "ho";' });
    await manager.update("hello", {}, "default", BY);
    expect(readdirSync(join(data, "plugins"))).toEqual(["bundles"]);
    await manager.remove("hello", BY);
    expect(readdirSync(join(data, "plugins/bundles"))).toEqual([]);
  });

  it("changes nothing where the data folder takes no bundle", async () => {
    const folder = plugin();
    const { detail } = await add(folder);
    write(folder, { "src/word.ts": 'export const word: string = "ho";' });
    rmSync(join(data, "plugins"), { recursive: true });
    writeFileSync(join(data, "plugins"), "in the way");
    await expect(manager.update("hello", {}, "default", BY)).rejects.toMatchObject({
      code: "PRUNELLA_PLUGIN_SOURCE",
      hint: expect.stringContaining("goes on working"),
    });
    expect((await current())?.digest).toBe(detail.plugin.digest);
  });

  /** Another disk of a few pages; false where nobody may have one. */
  function mountSmall(path: string): boolean {
    mkdirSync(path, { recursive: true });
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "prunella-test", path], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  }

  it("keeps the version before where the disk is full, and installs when there is room again", async ({ skip }) => {
    const disk = join(data, "plugins");
    if (!needs("a file system of its own (mount)", mountSmall(disk))) return skip();
    try {
      const folder = plugin();
      const { detail } = await add(folder);
      write(folder, { "src/word.ts": `export const word: string = "${"ho".repeat(50_000)}";` });
      await expect(manager.update("hello", {}, "default", BY)).rejects.toMatchObject({
        code: "PRUNELLA_PLUGIN_SOURCE",
        detail: expect.stringContaining("ENOSPC"),
      });
      expect((await current())?.digest).toBe(detail.plugin.digest);
      expect(await manager.verify()).toMatchObject([{ state: "whole" }]);
      expect(readdirSync(disk)).toEqual(["bundles"]);
      write(folder, { "src/word.ts": 'export const word: string = "ho";' });
      expect((await manager.update("hello", {}, "default", BY)).change).toBe("updated");
    } finally {
      execFileSync("umount", [disk]);
    }
  });

  it("shows what a source holds before anything is installed", async () => {
    const many = write(fresh(), {
      "a/prunella.plugin.json": JSON.stringify({
        ...MANIFEST,
        name: "able",
        namespace: "able",
        network: [{ host: "a.example", methods: ["GET"], reason: "Why." }],
      }),
      "plugins/b/prunella.plugin.json": JSON.stringify({ ...MANIFEST, kindd: 1 }),
    });
    const found = await manager.inspect({ kind: "path", path: many });
    expect(found.map(({ file, name, asks, problems }) => [file, name, asks.length, problems.length])).toEqual([
      ["a/prunella.plugin.json", "able", 1, 0],
      ["plugins/b/prunella.plugin.json", null, 0, 1],
    ]);
    expect(await kernel.plugins.list("default")).toEqual([]);
    await expect(manager.inspect({ kind: "path", path: "/nowhere/at/all" })).rejects.toMatchObject({
      code: "PRUNELLA_PLUGIN_SOURCE",
    });
  });

  it("installs elsewhere exactly what a lockfile says, grants nothing, and refuses drift whole", async () => {
    const folder = plugin({}, { network: [{ host: "a.example", methods: ["GET"], reason: "Why." }] });
    const { detail } = await add(folder);
    const lock = await manager.lock();
    if (!sqlite) throw new Error("no engine");
    await using other = await sqlite.open();
    const otherKernel = await openKernel(other.engine);
    const there = createPluginManager({ kernel: otherKernel, dataFolder: fresh(), ours: null });
    expect(await there.sync(lock, "default", BY)).toEqual([{ name: "hello", change: "installed", notice: null }]);
    expect((await otherKernel.plugins.list("default"))[0]).toMatchObject({
      digest: detail.plugin.digest,
      standing: "waiting",
    });
    write(folder, { "src/word.ts": 'export const word: string = "ho";' });
    await expect(there.sync(lock, "default", BY)).rejects.toMatchObject({
      code: "PRUNELLA_PLUGIN_CHANGED",
      detail: "hello: files, bundle of its source differ from the lockfile.",
    });
    await otherKernel.close();
  });

  describe("from git", () => {
    const addGit = (url: string, commit: string, folder = "") =>
      manager.add({ kind: "git", url, commit, folder }, undefined, "default", BY);

    it("takes exactly one commit, and another when it is told to", async () => {
      const { folder, url, commit } = repository();
      const one = await addGit(url, commit);
      expect(one.detail.plugin.source).toEqual({ kind: "git", url, commit, folder: "" });
      write(folder, { "src/word.ts": 'export const word: string = "ho";' });
      git(folder, "commit", "--quiet", "-am", "two");
      expect((await manager.update("hello", {}, "default", BY)).change).toBe("unchanged");
      const two = await manager.update("hello", { commit: git(folder, "rev-parse", "HEAD") }, "default", BY);
      expect([two.change, two.detail.artifacts.length]).toEqual(["updated", 2]);
    });

    it.each([
      [
        "a commit that there is not",
        ({ url }: { url: string }) => [url, "f".repeat(40)],
        /it has no such commit|could not be fetched/,
      ],
      [
        "a repository that there is not",
        ({ commit }: { commit: string }) => ["file:///nowhere/at/all", commit],
        /there is no git repository/,
      ],
      [
        "a tag for a commit",
        ({ url, folder }: { url: string; folder: string }) => {
          git(folder, "tag", "-a", "v1", "-m", "v1");
          return [url, git(folder, "rev-parse", "v1")];
        },
        /gave the commit [0-9a-f]{40} for/,
      ],
    ])("says what is wrong with %s", async (_, of, detail) => {
      const [url = "", commit = ""] = of(repository());
      await expect(addGit(url, commit)).rejects.toMatchObject({
        code: "PRUNELLA_PLUGIN_SOURCE",
        detail: expect.stringMatching(detail),
      });
      expect(await kernel.plugins.list("default")).toEqual([]);
    });

    it("checks out no link, and runs nothing of the repository", async () => {
      const { folder, url } = repository({ ".gitattributes": "* filter=evil\n" });
      symlinkSync("/etc/passwd", join(folder, "passwd"));
      git(folder, "add", "-A");
      git(folder, "commit", "--quiet", "-m", "link");
      await expect(addGit(url, git(folder, "rev-parse", "HEAD"))).rejects.toMatchObject({
        code: "PRUNELLA_PLUGIN_INVALID",
        detail: "passwd: expected a file and not a symbolic link.",
      });
    });
  });
});
