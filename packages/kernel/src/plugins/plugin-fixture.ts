import { createHash } from "node:crypto";
import type { Actor } from "@prunella/contract";
import { PluginManifest, type Artifact, type PluginSource } from "@prunella/contract/plugins";
import type { Kernel } from "../kernel.ts";
import type { BrokerCall } from "./call.ts";

/** For tests only: a plugin that asks for one of everything, and calls of it. */
export const ADA: Actor = { kind: "person", id: "operator" };
const sha = (text: string): string => createHash("sha256").update(text).digest("hex");
export const digestOf = (text: string): string => `sha256:${sha(text)}`;

export const manifestOf = (more: object = {}): PluginManifest =>
  PluginManifest.parse({
    manifestVersion: 1,
    name: "greeter",
    version: "0.1.0",
    description: "Greets.",
    license: "Apache-2.0",
    kind: "local",
    entry: "index.ts",
    engines: { prunella: ">=0.1.0" },
    namespace: "greeter",
    commands: [
      {
        name: "hi",
        summary: "Says hi",
        risk: "write",
        uses: ["net:read", "net:write", "capability:state:write", "github:issue:read"],
      },
      { name: "tidy", summary: "Deletes", risk: "destructive", uses: ["github:branch:delete"] },
      { name: "quiet", summary: "Uses nothing", risk: "read_only" },
    ],
    capabilities: [{ name: "state", access: "write", quotaMb: 1, reason: "Remembers names." }],
    network: [{ host: "api.example.com", methods: ["GET", "POST"], path: "/v1/", reason: "Looks names up." }],
    permissions: {
      optional: [
        { scope: "github:branch:delete", reason: "Tidies." },
        { scope: "github:issue:read", resources: ["$event.repo"], reason: "Reads." },
      ],
    },
    limits: { calls: 5 },
    ...more,
  });

export const artifactOf = (
  bundle: string,
  source: PluginSource = { kind: "path", path: "/srv/greeter" },
  plugin = "greeter",
): Artifact => ({
  plugin,
  version: "0.1.0",
  digest: digestOf(bundle),
  treeDigest: digestOf(`tree ${bundle}`),
  manifestDigest: digestOf(`manifest ${bundle}`),
  source,
});

export const install = (kernel: Kernel, bundle = "one", manifest = manifestOf(), source?: PluginSource) =>
  kernel.plugins.install(
    {
      artifact: artifactOf(bundle, source, manifest.name),
      manifest,
      signature: null,
      bundler: "esbuild 0",
      bytes: bundle.length,
    },
    "default",
    ADA,
  );

export const ALL = [
  { scope: "capability:state:write", resources: ["*"] },
  { scope: "net:read", resources: ["GET api.example.com/v1/"] },
  { scope: "net:write", resources: ["POST api.example.com/v1/"] },
];
export const trust = (kernel: Kernel, wanted = ALL, expiresAt: number | null = null) =>
  kernel.plugins.grant({ projectId: "default", name: "greeter", wanted, reason: "It greets.", expiresAt }, ADA);

export async function admit(
  kernel: Kernel,
  command = "hi",
  more: { isConfirmed?: boolean; bindings?: Record<string, string>; timeoutMs?: number } = {},
) {
  const plugin = await kernel.plugins.find("greeter");
  return kernel.plugins.invocations.admit({
    projectId: "default",
    plugin,
    command,
    via: "cli",
    by: ADA,
    isConfirmed: more.isConfirmed ?? false,
    bindings: more.bindings ?? {},
    ...(more.timeoutMs === undefined ? {} : { timeoutMs: more.timeoutMs }),
  });
}

/** An invocation that runs. */
export async function run(kernel: Kernel, command = "hi", more: Parameters<typeof admit>[2] = {}): Promise<string> {
  const admitted = await admit(kernel, command, more);
  if (admitted.kind !== "admitted") throw new Error(`it is ${JSON.stringify(admitted)}`);
  await kernel.plugins.invocations.begin(admitted.invocationId, "deno");
  return admitted.invocationId;
}

export const callOf = (invocation: string, more: Partial<BrokerCall> = {}): BrokerCall => ({
  invocation,
  projectId: "default",
  plugin: "greeter",
  digest: digestOf("one"),
  method: "net.fetch",
  access: "read",
  scope: "net:read",
  resource: "GET api.example.com/v1/users",
  argumentsDigest: sha("arguments"),
  preview: "{}",
  ...more,
});
