import { PluginManifest } from "@prunella/contract/plugins";
import { scrubText } from "@prunella/scrub";
import { PluginError } from "@prunella/ubiquityos";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENGINES, type EngineFixture } from "../../../../test/engines.ts";
import { openKernel } from "../../../../test/kernel-fixture.ts";
import { systemClock } from "../platform/clock.ts";
import type { PluginEvent } from "../plugins/deliver.ts";
import { createOwnFailures } from "./own-failure.ts";

const by = { kind: "person", id: "operator" } as const;
const digest = `sha256:${"a".repeat(64)}`;
const manifest = PluginManifest.parse({
  manifestVersion: 1,
  name: "hears",
  version: "0.3.0",
  description: "Hears.",
  license: "MIT",
  kind: "local",
  entry: "index.js",
  engines: { prunella: ">=0.1.0" },
  namespace: "hears",
});

async function open(fixture: EngineFixture) {
  const store = await fixture.open();
  const kernel = await openKernel(store.engine, systemClock);
  const source = { kind: "path", path: "/srv/hears" } as const;
  const artifact = { plugin: "hears", version: "0.3.0", digest, treeDigest: digest, manifestDigest: digest, source };
  await kernel.plugins.install({ artifact, manifest, signature: null, bundler: "none", bytes: 0 }, "default", by);
  const told: PluginEvent[] = [];
  const warned: string[] = [];
  let ids = 0;
  const failures = createOwnFailures({
    kernel,
    tell: (event) => void told.push(event),
    clean: (text) => scrubText(text).text.value,
    newId: () => `${String((ids += 1)).padStart(8, "0")}-0000-7000-8000-000000000000`,
    now: () => Date.now(),
    log: { info() {}, warn: (line) => void warned.push(line) },
    ubiquityos: { kernel_repo: "acme/kernel", environment: "development" },
  });
  const faults = async () =>
    (await kernel.faults.list({ project: "default", status: "active", limit: 10 }, ["default"], null)).faults;
  return {
    kernel,
    failures,
    told,
    warned,
    faults,
    async close() {
      await kernel.close();
      await store[Symbol.asyncDispose]();
    },
  };
}

describe.each(ENGINES)("a plugin of this server that fails, on $name", (fixture) => {
  let all: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    all = await open(fixture);
  });
  afterAll(() => all.close());

  it("is told of in the form of every failed dispatch, and is a fault, for an event and for a command", async () => {
    const detail = "no such user: ada@example.org";
    all.failures.ofHandler("default", "fault.opened", {
      plugin: "hears",
      events: 2,
      status: "failed",
      detail,
      invocation: null,
    });
    const plugin = await all.kernel.plugins.find("hears");
    const lines = Array.from({ length: 60 }, (_, at) => `line ${at}`);
    const ran = {
      status: "failed",
      reason: "timeout",
      detail: "It took longer than its 2 s.",
      invocation: "01a22b66-89f9-717c-af29-7e2c97df5404",
      engine: "deno",
      log: lines,
    } as const;
    all.failures.ofCommand({ projectId: "default", plugin, command: "go", startedAt: Date.now() - 2_000, ran });
    await expect.poll(() => all.told.length).toBe(2);
    const errors = all.told.map(({ fields }) => PluginError.parse(fields));
    const [ofEvent, ofCommand] = ["fault.opened", "go"].map((asked) =>
      errors.find(({ trigger }) => trigger.githubEvent === asked),
    );
    expect(ofEvent).toMatchObject({
      source: { kernelRepo: "acme/kernel", environment: "dev" },
      plugin: { type: "kernel", id: "hears", manifest: { name: "hears", version: "0.3.0" } },
      error: { category: "dispatch", message: "no such user: [REDACTED:EMAIL]", raw: "no such user: [REDACTED:EMAIL]" },
    });
    expect(ofCommand).toMatchObject({ stateId: ran.invocation, error: { category: "timeout" } });
    expect(ofCommand?.logTrail?.lines).toEqual(lines.slice(-40));
    expect(all.told.map(({ causedBy, type }) => [causedBy, type])).toEqual(
      Array.from({ length: 2 }, () => [plugin.plugin_id, "kernel.plugin_error"]),
    );
    await expect.poll(async () => (await all.faults()).length).toBe(2);
    expect(JSON.stringify(await all.faults())).not.toContain("ada@");
    expect(all.warned).toEqual([]);
  });

  it.each([
    [
      { kind: "http", url: "https://far.example.com/p" },
      { type: "http", id: "far", owner: null, workflowId: null },
    ],
    [
      { kind: "github-workflow", workflow: { repository: "acme/flow", file: "p.yml", ref: "main" } },
      { type: "workflow", id: "far", owner: "acme", repo: "flow", workflowId: "p.yml", ref: "main" },
    ],
  ])("that runs elsewhere (%j) is told of with where that is, and with what came back", async (where, plugin) => {
    const far = PluginManifest.parse({
      ...manifest,
      entry: undefined,
      name: "far",
      namespace: "far",
      network: [{ host: "far.example.com", methods: ["POST"], reason: "It runs there." }],
      ...where,
      ...(where.kind === "http"
        ? {}
        : {
            network: [],
            permissions: {
              required: [{ scope: "github:workflow:dispatch", resources: ["acme/flow"], reason: "It runs there." }],
            },
          }),
    });
    const other = `sha256:${(where.kind === "http" ? "b" : "c").repeat(64)}`;
    const source = { kind: "path", path: `/srv/${where.kind}` } as const;
    const artifact = { plugin: "far", version: "0.3.0", digest: other, treeDigest: other, manifestDigest: other };
    await all.kernel.plugins.install(
      { artifact: { ...artifact, source }, manifest: far, signature: null, bundler: "none", bytes: 0 },
      "default",
      by,
    );
    const { plugin_id: id } = await all.kernel.plugins.find("far", `/srv/${where.kind}`);
    const how = { category: "http", status: 502, snippet: "<h1>no ada@example.org</h1>", retryCount: 0 } as const;
    const invocation = "01a22b66-89f9-717c-af29-7e2c97df5404";
    const failed = {
      events: 1,
      status: "failed",
      detail: "It answered with the status 502.",
      invocation,
      how,
    } as const;
    const before = all.told.length;
    all.failures.ofHandler("default", "fault.new", { ...failed, plugin: id });
    await expect.poll(() => all.told.length, { timeout: 20_000 }).toBe(before + 1);
    expect(PluginError.parse(all.told.at(-1)?.fields)).toMatchObject({
      stateId: invocation,
      plugin,
      error: { category: "http", status: 502, raw: "<h1>no [REDACTED:EMAIL]</h1>" },
      context: { responseSnippet: "<h1>no [REDACTED:EMAIL]</h1>" },
    });
  });

  it("that is gone meanwhile is said in the log and stops nobody", async () => {
    const gone = { plugin: "gone", events: 1, status: "failed", detail: null, invocation: null } as const;
    all.failures.ofHandler("default", "fault.opened", gone);
    await expect.poll(() => all.warned).toEqual(["the failure of gone could not be kept"]);
  });
});
