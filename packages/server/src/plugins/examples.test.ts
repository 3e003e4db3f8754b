import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Config } from "@prunella/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel } from "../../../../test/kernel-fixture.ts";
import { needs } from "../../../../test/needs.ts";
import { systemClock } from "../platform/clock.ts";
import { authorsModule } from "../platform/plugins/authors-module.ts";
import { denoBinary } from "../platform/sandbox/binaries.ts";
import { openPluginHost } from "./host.ts";
import { triedSandbox } from "./invoke-fixture.ts";
import { createPluginManager } from "./manager/manager.ts";

const EXAMPLES = join(import.meta.dirname, "../../../../examples/plugins");
const by = { kind: "person", id: "operator" } as const;

/** From a folder of the repository to what it does in the world: bundled, granted, tried, run. */
describe.runIf(needs("deno", denoBinary() !== null))("the examples", { timeout: 120_000 }, () => {
  let folder = "";
  let end = async (): Promise<void> => undefined;
  let all: Awaited<ReturnType<typeof open>>;
  async function open() {
    const [sqlite] = ENGINES;
    if (sqlite === undefined) throw new Error("there is no store");
    const store = await sqlite.open();
    const kernel = await openKernel(store.engine, systemClock);
    kernel.begin();
    const manager = createPluginManager({ kernel, dataFolder: folder, ours: authorsModule() });
    const config = Config.parse({ plugins: { roots: { reports: "reports" } } });
    const host = openPluginHost({
      kernel,
      dataFolder: folder,
      base: folder,
      plugins: () => config.plugins,
      scrubber: null,
      sandbox: triedSandbox("deno"),
      log: { info() {}, warn() {} },
    });
    end = async () => {
      await host.close();
      await kernel.close();
      await store[Symbol.asyncDispose]();
    };
    return {
      kernel,
      manager,
      async run(name: string, command: string, args: Record<string, unknown> = {}) {
        const plugin = await kernel.plugins.find(name);
        return host.invokePlugin({
          projectId: "default",
          plugin,
          command,
          args,
          by,
          via: "cli",
          isConfirmed: false,
          bindings: {},
        });
      },
      async trust(name: string) {
        const { asked } = await kernel.plugins.read("default", name);
        const wanted = asked.map(({ scope, resources }) => ({ scope, resources }));
        await kernel.plugins.grant({ projectId: "default", name, wanted, reason: null, expiresAt: null }, by);
      },
    };
  }
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "prunella-examples-"));
    mkdirSync(join(folder, "reports"));
    all = await open();
  });
  afterAll(async () => {
    await end();
    rmSync(folder, { recursive: true, force: true });
  });

  it("greet, when somebody granted it and not before", async () => {
    await all.manager.add({ kind: "path", path: join(EXAMPLES, "greeter") }, undefined, "default", by);
    expect(await all.run("greeter", "hi")).toMatchObject({
      status: "blocked",
      refusal: "not_granted",
      mend: "prunella plugin trust greeter --required",
    });
    await all.trust("greeter");
    expect(await all.run("greeter", "hi", { name: "Ada" })).toMatchObject({
      status: "success",
      output: { text: "hi Ada", times: 1 },
    });
    expect(await all.run("greeter", "hi", { name: "Ada" })).toMatchObject({
      output: { text: "hi again, Ada", times: 2 },
      calls: [
        { scope: "capability:state:read", allowed: 1, refused: 0 },
        { scope: "capability:state:write", allowed: 1, refused: 0 },
      ],
    });
  });

  it("write a report of what is open into the folder that was granted", async () => {
    await all.manager.add({ kind: "path", path: join(EXAMPLES, "fault-report") }, undefined, "default", by);
    await all.trust("fault-report");
    expect(await all.run("fault-report", "write")).toMatchObject({
      status: "success",
      output: { file: "faults.md", faults: 0 },
    });
    expect(readFileSync(join(folder, "reports/faults.md"), "utf8")).toBe("# Open faults\n\nNone.\n");
    expect(await all.run("fault-report", "write", { file: "../out.md" })).toMatchObject({
      status: "failed",
      detail: expect.stringContaining("does not lie below the root"),
    });
    const effects = await all.kernel.plugins.read("default", "fault-report");
    expect(effects.asked.find(({ scope }) => scope === "fs:write")).toMatchObject({ used: 2, refused: 0 });
  });
});
