import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("a")]);
    expect((await run("plugin", "info", "all-sorts")).stdout).toContain("capability:mcp:attach");
    expect((await run("ledger", "verify")).code).toBe(0);
  });

  it("leaves a fault when it fails, without what the scrubber takes out", async () => {
    const failed = await run("all-sorts", "die");
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining("the disk is on fire")]);
    await run("all-sorts", "refuse");
    expect(house.written().includes("ada@example.org")).toBe(false);
  });
});
