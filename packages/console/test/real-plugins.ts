/** Plugins of each kind with what they did, for pages that show them; their code is not there, and nothing asks it. */
import { PluginManifest, startOf } from "@prunella/contract/plugins";
import { OPERATOR } from "@prunella/kernel";
import type { ServerFixture } from "../../../test/end-to-end/server-fixture.ts";

const COMMON = { manifestVersion: 1, version: "0.1.0", license: "Apache-2.0", engines: { prunella: ">=0.1.0" } };
const COMMIT = "5e".repeat(20);

const LOCAL = PluginManifest.parse({
  ...COMMON,
  name: "greeter",
  description: "Greets people and remembers how often.",
  kind: "local",
  entry: "index.ts",
  namespace: "greeter",
  commands: [{ name: "hi", summary: "Says hi", risk: "read_only", uses: ["net:read"] }],
  capabilities: [{ name: "state", access: "write", reason: "Remembers how often it greeted somebody." }],
  network: [{ host: "names.example.com", methods: ["GET"], path: "/v1/", reason: "Looks names up." }],
});
const HTTP = PluginManifest.parse({
  ...COMMON,
  name: "far-greeter",
  description: "Greets from elsewhere.",
  kind: "http",
  url: "https://greeter-of-the-whole-company.internal.example.com/prunella/commands",
  namespace: "far",
  commands: [{ name: "hi", summary: "Says hi", risk: "write", uses: ["net:write"] }],
  network: [
    {
      host: "greeter-of-the-whole-company.internal.example.com",
      methods: ["POST"],
      path: "/prunella/",
      reason: "It runs there.",
    },
  ],
});
const WORKFLOW = PluginManifest.parse({
  ...COMMON,
  name: "far-builder",
  description: "Builds as a workflow.",
  kind: "github-workflow",
  workflow: { repository: "acme/flow", file: "prunella.yml", ref: "main", commit: COMMIT },
  namespace: "builder",
  commands: [{ name: "build", summary: "Builds", risk: "write", uses: ["github:workflow:dispatch"] }],
  permissions: {
    required: [{ scope: "github:workflow:dispatch", resources: ["acme/flow"], reason: "It runs there." }],
  },
});
const TOOLS = PluginManifest.parse({
  ...COMMON,
  name: "notes",
  description: "Looks things up in notes.",
  kind: "mcp-stdio",
  command: ["node", "server.mjs"],
  namespace: "notes",
  commands: [{ name: "find", summary: "Finds", risk: "write", uses: ["capability:mcp:attach"] }],
  capabilities: [{ name: "mcp", access: "attach", reason: "Its tools are called." }],
});

type Ended = Parameters<ServerFixture["server"]["kernel"]["plugins"]["invocations"]["end"]>[1];

/** One that was granted a part of what it asks for, and three whose runs ended in each way. */
export async function installPlugins({ server: { kernel } }: ServerFixture): Promise<void> {
  const { plugins } = kernel;
  async function install(manifest: PluginManifest, hex: string): Promise<void> {
    const digest = `sha256:${hex.repeat(32)}`;
    const source = { kind: "path" as const, path: `/srv/${manifest.name}` };
    const named = { plugin: manifest.name, version: "0.1.0", digest, treeDigest: digest, manifestDigest: digest };
    await plugins.install(
      { artifact: { ...named, source }, manifest, signature: null, bundler: "none", bytes: 1 },
      "default",
      OPERATOR,
    );
  }
  async function grant(name: string, wanted: { scope: string; resources: string[] }[], reason: string): Promise<void> {
    await plugins.grant({ projectId: "default", name, wanted, reason, expiresAt: null }, OPERATOR);
  }
  async function run(manifest: PluginManifest, command: string, how: Ended | string): Promise<void> {
    const plugin = await plugins.find(manifest.name);
    const asked = { projectId: "default", plugin, command, via: "cli", by: OPERATOR } as const;
    const admission = await plugins.invocations.admit({ ...asked, isConfirmed: false, bindings: {} });
    if (admission.kind !== "admitted") throw new Error(`${manifest.name} is ${admission.kind}`);
    const { invocationId: invocation, digest } = admission;
    const isTools = manifest.kind === "mcp-stdio";
    await plugins.invocations.begin(invocation, isTools ? "bwrap" : null);
    const call = startOf(manifest) ?? { scope: "capability:mcp:attach", resource: "*" };
    const asks = { invocation, projectId: "default", plugin: plugin.plugin_id, digest, method: "plugin.start" };
    const verdict = await plugins.authorize({
      ...asks,
      ...call,
      access: isTools ? "attach" : "write",
      argumentsDigest: "0".repeat(64),
    });
    if (verdict.kind !== "allowed") throw new Error(`${manifest.name} is ${verdict.kind}`);
    if (verdict.permit !== null) await verdict.done(true);
    if (typeof how === "string") await plugins.invocations.progress(invocation, how);
    else await plugins.invocations.end(invocation, how);
  }
  await install(LOCAL, "5e");
  await grant("greeter", [{ scope: "net:read", resources: ["GET names.example.com/v1/"] }], "It looks names up.");
  for (const [manifest, hex] of [
    [HTTP, "6f"],
    [WORKFLOW, "7a"],
    [TOOLS, "8b"],
  ] as const) {
    await install(manifest, hex);
    const { asked } = await plugins.read("default", manifest.name);
    await grant(
      manifest.name,
      asked.map(({ scope, resources }) => ({ scope, resources })),
      "It is ours.",
    );
  }
  await run(HTTP, "hi", { kind: "completed" });
  await run(HTTP, "hi", { kind: "failed", reason: "failed", detail: "It answered with the status 502." });
  await run(WORKFLOW, "build", { kind: "completed" });
  await run(WORKFLOW, "build", "Runs: https://forge.example.com/acme/flow/actions/runs/90071");
  await run(TOOLS, "find", { kind: "failed", reason: "timeout", detail: "It took longer than its 30 s." });
}
