import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prunella } from "../../packages/cli/src/cli-fixture.ts";
import { denoBinary } from "../../packages/server/src/platform/sandbox/binaries.ts";
import { probeBubblewrap } from "../../packages/server/src/platform/sandbox/bubblewrap.ts";
import { writeServer } from "../../packages/server/src/plugins/mcp/server-fixture.ts";
import { needs } from "../needs.ts";
import { openServer, type ServerFixture } from "./server-fixture.ts";

const hasParts =
  needs("deno", denoBinary() !== null) &&
  needs("bubblewrap", (await probeBubblewrap(AbortSignal.timeout(10_000))) === null);

/** A server of tools by the protocol's own kit, from its folder to its answer, as somebody types it. */
describe.runIf(hasParts)("a server of the Model Context Protocol", { timeout: 120_000 }, () => {
  let root = "";
  let house: ServerFixture;
  let where: string[];
  const run = (...typed: string[]) => prunella([...typed, ...where], { cwd: root });

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "prunella-mcp-e2e-"));
    await writeServer(join(root, "all-sorts"));
    house = await openServer();
    writeFileSync(join(root, "token"), house.server.token);
    where = ["--url", house.server.url, "--token-file", join(root, "token")];
  }, 60_000);
  afterAll(async () => {
    await house[Symbol.asyncDispose]();
    rmSync(root, { recursive: true, force: true });
  });

  it("is installed, granted and called, with help of its own and a ledger that holds", async () => {
    const added = await run("plugin", "add", "./all-sorts");
    expect(added.stderr).toBe("");
    expect(added.stdout).toContain("capability:mcp:attach");
    expect((await run("all-sorts", "greet", "--help")).stdout).toMatch(/greet .*<name>[\s\S]*Greets somebody by name/);
    const refused = await run("all-sorts", "greet", "Ada");
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("plugin trust all-sorts --required")]);
    expect((await run("plugin", "trust", "all-sorts", "--required")).code).toBe(0);
    expect((await run("all-sorts", "greet", "Ada")).stdout).toContain("hi Ada");
    expect(JSON.parse((await run("all-sorts", "add-up", "1", "--b", "4", "--json")).stdout)).toMatchObject({
      status: "success",
      output: { sum: 5 },
    });
    const wrong = await run("all-sorts", "add-up", "one");
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("a: expected a number.")]);
    expect((await run("plugin", "info", "all-sorts")).stdout).toContain("capability:mcp:attach");
    expect((await run("ledger", "verify")).code).toBe(0);
  });

  it("is a fault when it fails, and told to who listens, without what the scrubber takes out", async () => {
    const hears = join(root, "hears");
    mkdirSync(hears);
    writeFileSync(join(hears, "index.js"), HEARS);
    writeFileSync(join(hears, "prunella.plugin.json"), JSON.stringify(HEARS_MANIFEST));
    expect((await run("plugin", "add", "./hears")).code).toBe(0);
    expect((await run("plugin", "trust", "hears", "--required")).code).toBe(0);

    const failed = await run("all-sorts", "die");
    expect([failed.code, failed.stdout]).toEqual([1, expect.stringContaining("the disk is on fire")]);
    await run("all-sorts", "refuse");
    const { kernel } = house.server;
    const faults = async () =>
      (await kernel.faults.list({ project: "default", status: "active", limit: 10 }, ["default"], null)).faults;
    await expect.poll(faults, { timeout: 20_000 }).toHaveLength(2);
    expect((await faults()).map(({ title }) => title).join(" ")).toContain("PluginError.dispatch");
    await expect
      .poll(async () => JSON.parse((await run("hears", "last", "--json")).stdout).output, { timeout: 30_000 })
      .toMatchObject({
        event: "kernel.plugin_error",
        trigger: { githubEvent: "refuse" },
        plugin: { type: "kernel", id: "all-sorts", manifest: { name: "all-sorts", version: "0.1.0" } },
        error: { category: "dispatch", message: "no such thing: [REDACTED:EMAIL]" },
      });
    const all = await house.api("/plugins/all-sorts/invocations");
    expect(await all.text()).not.toContain("ada@example.org");
  });
});

const HEARS = `export default {
  commands: { last: (_input, { state }) => state.get("last") },
  events: { "kernel.plugin_error": (events, { state }) => state.put("last", events.at(-1)) },
};`;
const uses = ["capability:state:read", "capability:state:write"];
const HEARS_MANIFEST = {
  manifestVersion: 1,
  name: "hears",
  version: "0.1.0",
  description: "Keeps what failed last.",
  license: "MIT",
  kind: "local",
  entry: "index.js",
  engines: { prunella: ">=0.1.0" },
  namespace: "hears",
  commands: [{ name: "last", summary: "What failed last", risk: "write", uses }],
  listens: [{ event: "kernel.plugin_error", uses, reason: "Keeps them." }],
  capabilities: ["read", "write"].map((access) => ({ name: "state", access, reason: "Keeps them." })),
};
