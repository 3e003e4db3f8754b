import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Config } from "@prunella/contract";
import { problemLine, readManifest } from "@prunella/contract/plugins";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENGINES } from "../../../../../test/engines.ts";
import { openKernel } from "../../../../../test/kernel-fixture.ts";
import { needs } from "../../../../../test/needs.ts";
import { systemClock } from "../../platform/clock.ts";
import { descendants } from "../../platform/processes.ts";
import { probeBubblewrap } from "../../platform/sandbox/bubblewrap.ts";
import { openPluginHost } from "../host.ts";
import { triedSandbox } from "../invoke-fixture.ts";
import { createPluginManager } from "../manager/manager.ts";
import { manifestOf, writeServer } from "./server-fixture.ts";

const by = { kind: "person", id: "operator" } as const;
const hasLayer = needs("bubblewrap", (await probeBubblewrap(AbortSignal.timeout(10_000))) === null);

async function open(folder: string) {
  const [sqlite] = ENGINES;
  if (sqlite === undefined) throw new Error("there is no store");
  const store = await sqlite.open();
  const kernel = await openKernel(store.engine, systemClock);
  kernel.begin();
  const config = Config.parse({ plugins: { roots: { workspace: "workspace" } } });
  const host = openPluginHost({
    kernel,
    dataFolder: folder,
    base: folder,
    plugins: () => config.plugins,
    scrubber: null,
    sandbox: triedSandbox("node+bwrap"),
    log: { info() {}, warn() {} },
  });
  const manager = createPluginManager({ kernel, dataFolder: folder, ours: null, look: host.look });
  return {
    kernel,
    host,
    manager,
    add: (path: string) => manager.add({ kind: "path", path }, undefined, "default", by),
    async run(command: string, args: Record<string, unknown> = {}, isConfirmed = false) {
      const plugin = await kernel.plugins.find("all-sorts");
      const bindings = {};
      return host.invokePlugin({ projectId: "default", plugin, command, args, by, via: "cli", isConfirmed, bindings });
    },
    async trust(): Promise<void> {
      const { asked } = await kernel.plugins.read("default", "all-sorts");
      const wanted = asked.map(({ scope, resources }) => ({ scope, resources }));
      await kernel.plugins.grant(
        { projectId: "default", name: "all-sorts", wanted, reason: null, expiresAt: null },
        by,
      );
    },
    async close(): Promise<void> {
      await host.close();
      await kernel.close();
      await store[Symbol.asyncDispose]();
    },
  };
}

describe.runIf(hasLayer)("a server of tools", { timeout: 120_000 }, () => {
  let folder = "";
  let own = "";
  let all: Awaited<ReturnType<typeof open>>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "prunella-mcp-"));
    own = join(folder, "own");
    mkdirSync(join(folder, "workspace"));
    writeFileSync(join(folder, "workspace/a.txt"), "text");
    all = await open(folder);
  });
  afterAll(async () => {
    await all.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ["modern", "2026-07-28"],
    ["legacy", "2025-11-25"],
    ["both", "2026-07-28"],
  ])("makes commands of its tools in the era that it speaks: %s", async (era, protocol) => {
    await writeServer(own, { command: ["node", "server.mjs", era] });
    const { detail } = await all.add(own);
    const commands = new Map(detail.plugin.commands.map((one) => [one.name, one]));
    expect([...commands.keys()]).toContain("add-up");
    expect(commands.get("greet")).toMatchObject({
      summary: "Greets somebody by name",
      risk: "write",
      input: { properties: { name: { type: "string", description: "Whom" } }, required: ["name"] },
    });
    expect(commands.get("add-up")?.input.properties).toEqual({
      a: { type: "number" },
      b: { type: "number", default: 2 },
    });
    expect(commands.get("wipe")).toMatchObject({ risk: "destructive" });
    expect(detail.asked.map(({ scope, granted }) => [scope, granted])).toEqual([
      ["capability:mcp:attach", null],
      ["capability:progress:write", null],
    ]);
    expect(await all.manager.verify()).toMatchObject([{ state: "whole" }]);
    const { digest } = detail.plugin;
    const pin = join(folder, "plugins/bundles", digest.replace("sha256:", ""), "program.json");
    expect((await import(pin, { with: { type: "json" } })).default).toMatchObject({ protocol, plugin: "all-sorts" });

    expect(await all.run("greet", { name: "Ada" })).toMatchObject({
      status: "blocked",
      refusal: "not_granted",
      mend: "prunella plugin trust all-sorts --required",
    });
    await all.trust();
    expect(await all.run("greet", { name: "Ada" })).toMatchObject({ status: "success", output: { text: "hi Ada" } });
    expect(await all.run("add-up", { a: 1 })).toMatchObject({ status: "success", output: { sum: 3 } });
  });

  it("calls each tool through the gate as a grant, and the ledger has it all", async () => {
    const before = (await all.kernel.ledger.find({ limit: 1 }))[0]?.index ?? -1;
    const ran = await all.run("greet", { name: "Ada" });
    expect(ran).toMatchObject({
      status: "success",
      calls: [{ scope: "capability:mcp:attach", allowed: 1, refused: 0 }],
    });
    const entries = (await all.kernel.ledger.find({ limit: 50 }))
      .filter(({ index }) => index > before)
      .map(({ entry }): Record<string, unknown> => JSON.parse(entry));
    const types = entries.map(({ type }) => type);
    expect(types).toEqual([
      "attempt_intent",
      "attempt_started",
      "plugin_invoked",
      "attempt_outcome",
      "attempt_verified",
      "plugin_completed",
    ]);
    const intent = entries.find(({ type }) => type === "attempt_intent");
    expect(intent).toMatchObject({ subject: { kind: "grant" }, because: { kind: "call", id: ran.invocation } });
    expect(JSON.stringify(entries)).not.toContain("Ada");
    // What its tool says that it could not do was not done.
    await all.run("refuse");
    const outcomes = (await all.kernel.ledger.find({ limit: 200 }))
      .map(({ entry }): Record<string, unknown> => JSON.parse(entry))
      .filter(({ type }) => type === "attempt_outcome");
    expect(outcomes.at(-1)).toMatchObject({ state: "failed" });
  });

  it.each([
    ["says no", "refuse", "no such thing: [REDACTED:EMAIL]"],
    ["ends", "die", "its process ended (code 3); its last words: the disk is on fire"],
    ["says garbage", "garbage", "stdout carries a line that is no JSON (7 characters)"],
    ["answers nobody", "answers", "it answered what nobody asked"],
    ["floods", "flood", "it sent more than 20000 messages"],
    ["says too much", "large", "a frame is larger than 4194304 bytes"],
  ])("is told of clearly when it %s, and answers the next call", async (_what, tool, detail) => {
    expect(await all.run(tool)).toMatchObject({ status: "failed", detail, output: null });
    expect(await all.run("greet", { name: "Ada" })).toMatchObject({ status: "success" });
  });

  it("is ended when its time is over, and when somebody gives up, with all that it started", async () => {
    await writeServer(own, {
      version: "0.2.0",
      commands: [
        { name: "slow", summary: "Slow", risk: "write", timeoutMs: 2_500 },
        { name: "greet", summary: "Greets", risk: "write" },
      ],
    });
    await all.add(own);
    await all.trust();
    expect(await all.run("slow")).toMatchObject({ status: "failed", detail: "It took longer than its 2.5 s." });
    expect(sandboxed()).toEqual([]);
    const waiting = all.run("slow");
    await expect.poll(sandboxed, { timeout: 10_000 }).not.toEqual([]);
    await all.host.close();
    expect(await waiting).toMatchObject({ status: "failed", detail: "It was cancelled." });
    expect(sandboxed()).toEqual([]);
    await all.close();
    all = await open(folder);
  });

  it("says nothing that the scrubber takes out, and of pictures that there are some", async () => {
    await writeServer(own);
    await all.add(own);
    await all.trust();
    expect(JSON.stringify(await all.run("leak"))).not.toContain("Q3EGRIJ5");
    expect(await all.run("picture")).toMatchObject({ output: { text: "see", left_out: ["image"] } });
  });

  it("shows how far it is", async () => {
    const seen = new Set<string | null>();
    const done = all.run("count");
    await expect
      .poll(
        async () => {
          const [one] = await all.kernel.plugins.history("default", "all-sorts", 1);
          if (one?.command !== "count") return null;
          seen.add(one.progress);
          return one.state;
        },
        { timeout: 20_000, interval: 50 },
      )
      .toBe("completed");
    expect(await done).toMatchObject({ status: "success", output: { text: "counted" } });
    expect([...seen]).toEqual(expect.arrayContaining(["5 of 5: step 5"]));
    expect(seen.size).toBeGreaterThan(2);
    expect([...seen].some((one) => one?.startsWith("1 of 5: step 1 word word") === true)).toBe(true);
  });

  it("asks a person before a tool that says that it destroys", async () => {
    expect(await all.run("wipe")).toMatchObject({ status: "needs_confirmation" });
    expect(await all.run("wipe", {}, true)).toMatchObject({ status: "success", output: { text: "wiped" } });
  });

  it("sees its own files, what was granted, and nothing else of the machine", async () => {
    const listening = createServer().listen(0, "127.0.0.1");
    await once(listening, "listening");
    const address = listening.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    await writeServer(own, { version: "0.2.1", command: ["node", "server.mjs", "both", port] });
    await all.add(own);
    await all.trust();
    const without = await all.run("around");
    listening.close();
    expect(without.output).toMatchObject({ roots: "ENOENT", own: "EROFS", scratch: "written", users: "ENOENT" });
    expect(without.output).toMatchObject({ env: "HOME LANG NO_COLOR PATH PWD PYTHONDONTWRITEBYTECODE TZ" });
    expect(without.output).toMatchObject({ net: "EPERM" });
    const filesystem = [{ root: "workspace", access: "read", reason: "Reads." }];
    await writeServer(own, { version: "0.3.0", filesystem });
    await all.add(own);
    await all.trust();
    expect((await all.run("around")).output).toMatchObject({ roots: "workspace", file: "text", write: "EROFS" });
  });

  it("does not run when a byte of it is another than was trusted", async () => {
    const { digest } = await all.kernel.plugins.find("all-sorts");
    const tree = join(folder, "plugins/bundles", digest.replace("sha256:", ""), "tree");
    expect(readdirSync(tree)).toContain("server.mjs");
    rmSync(join(tree, "server.mjs"));
    writeFileSync(join(tree, "server.mjs"), "process.exit(0)");
    expect(await all.manager.verify()).toMatchObject([{ state: "changed" }]);
    expect(await all.run("greet", { name: "Ada" })).toMatchObject({
      status: "blocked",
      refusal: "artifact_changed",
      mend: "prunella plugin verify all-sorts",
    });
    await all.add(own);
    expect(await all.manager.verify()).toMatchObject([{ state: "whole" }]);
    expect(await all.run("greet", { name: "Ada" })).toMatchObject({ status: "success" });
  });

  it.each([
    ["says garbage", 'console.log("ready"); setInterval(() => {}, 1_000);', "no JSON"],
    ["ends", 'console.error("no such module"); process.exit(4);', "its process ended (code 4); no such module"],
    ["has no tools", undefined, "commands.0: expected a tool of its server; did you mean greet"],
  ])("is not installed when it %s, and the version before goes on", async (_what, source, said) => {
    const before = await all.kernel.plugins.find("all-sorts");
    const commands = source === undefined ? { commands: [{ name: "gret", summary: "Greets", risk: "write" }] } : {};
    await writeServer(own, { version: "0.4.0", ...commands }, source);
    await expect(all.add(own)).rejects.toMatchObject({
      code: "PRUNELLA_PLUGIN_INVALID",
      message: expect.stringContaining(said),
    });
    expect((await all.kernel.plugins.find("all-sorts")).digest).toBe(before.digest);
    expect(await all.run("greet", { name: "Ada" })).toMatchObject({ status: "success" });
  });

  it("is the same one wherever a lockfile installs it, and asks for trust there", async () => {
    await writeServer(own, { version: "0.5.0" });
    const { detail } = await all.add(own);
    const elsewhere = await open(join(folder, "elsewhere"));
    try {
      const installed = await elsewhere.manager.sync(await all.manager.lock(), "default", by);
      expect(installed).toMatchObject([{ name: "all-sorts", change: "installed" }]);
      expect((await elsewhere.kernel.plugins.find("all-sorts")).digest).toBe(detail.plugin.digest);
      expect(await elsewhere.run("greet", { name: "Ada" })).toMatchObject({
        status: "blocked",
        refusal: "not_granted",
      });
      writeFileSync(join(own, "more.txt"), "more");
      await expect(elsewhere.manager.sync(await all.manager.lock(), "default", by)).rejects.toMatchObject({
        code: "PRUNELLA_PLUGIN_CHANGED",
      });
    } finally {
      await elsewhere.close();
      rmSync(join(own, "more.txt"), { force: true });
      await all.trust();
    }
  });

  it("is refused where there is no second layer, and nothing of it is started", async () => {
    const bare = openPluginHost({
      kernel: all.kernel,
      dataFolder: join(folder, "bare"),
      base: folder,
      plugins: () => Config.parse({}).plugins,
      scrubber: null,
      sandbox: triedSandbox("deno"),
      log: { info() {}, warn() {} },
    });
    const manager = createPluginManager({
      kernel: all.kernel,
      dataFolder: join(folder, "bare"),
      ours: null,
      look: bare.look,
    });
    await writeServer(own);
    await expect(manager.add({ kind: "path", path: own }, undefined, "default", by)).rejects.toMatchObject({
      code: "PRUNELLA_PLUGIN_SOURCE",
      message: expect.stringContaining("only inside the second layer"),
    });
    const plugin = await all.kernel.plugins.find("all-sorts");
    const ask = { projectId: "default", plugin, command: "greet", args: { name: "Ada" }, by, via: "cli" } as const;
    expect(await bare.invokePlugin({ ...ask, isConfirmed: false, bindings: {} })).toMatchObject({
      status: "blocked",
      detail: expect.stringContaining("only inside the second layer"),
    });
    await bare.close();
  });
});

/** Processes of servers that run now. */
const sandboxed = (): number[] =>
  descendants(process.pid).flatMap(({ pid }) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("server.mjs") ? [pid] : [];
    } catch {
      return [];
    }
  });

describe("the manifest of a server", () => {
  it.each([
    [
      { network: [{ host: "example.com", methods: ["GET"], reason: "Looks up." }] },
      "network.0: expected nothing: the kind mcp-stdio",
    ],
    [{ capabilities: [] }, "capabilities: expected an entry for mcp with attach"],
    [
      {
        capabilities: [
          { name: "mcp", access: "attach", reason: "x" },
          { name: "state", access: "read", reason: "x" },
        ],
      },
      "capabilities.1: expected mcp with attach, or progress with write",
    ],
    [{ command: ["--share-net", "node"] }, "command: expected a program first, and no option"],
    [{ entry: "index.ts" }, "entry: expected nothing: the kind mcp-stdio has no entry"],
  ])("says what it cannot ask for: %j", (more, said) => {
    const read = readManifest(JSON.stringify(manifestOf(more)));
    expect(read.kind === "invalid" ? read.problems.map(problemLine).join("\n") : "").toContain(said);
  });
});
