import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { PluginManifest } from "@prunella/contract/plugins";
import { scrubJson, scrubText } from "@prunella/scrub";
import type { EngineFixture } from "../../../../test/engines.ts";
import { openKernel } from "../../../../test/kernel-fixture.ts";
import { systemClock } from "../platform/clock.ts";
import { digestOf } from "../platform/sandbox/artifact.ts";
import { allRules, type EngineName } from "../platform/sandbox/engine.ts";
import { createEngine } from "../platform/sandbox/engines.ts";
import { probeBubblewrap } from "../platform/sandbox/bubblewrap.ts";
import { runProgram } from "../platform/sandbox/program.ts";
import type { Sandbox } from "../platform/sandbox/sandbox.ts";
import { createBroker, type Method } from "./broker/broker.ts";
import { createMethods } from "./broker/methods.ts";
import type { Invoke } from "./invocation.ts";
import { createInvoker } from "./invoke.ts";

/** For tests only: a plugin with a command for each thing that may go well or wrong. */
export const BUNDLE = `
let runs = 0;
const forever = () => new Promise(() => {});
export default {
  commands: {
    hi: ({ name }) => ({ text: "hi " + name }),
    count: () => ({ runs: (runs += 1) }),
    set: (_input, { settings }) => settings,
    keep: async ({ name }, { state, log }) => { log("keeping " + name); await state.put("name", name); return { value: await state.get("name"), keys: await state.list() }; },
    try: async ({ name }, { call }) => { const { method, params } = JSON.parse(name); try { return { got: await call(method, params) }; } catch (error) { return { code: error.code, message: error.message, data: error.data }; } },
    "at-once": async ({ name }, { call }) => Promise.all(JSON.parse(name).map(({ method, params }) => call(method, params).then((got) => ({ got }), ({ code, data }) => ({ code, data })))),
    fetch: async ({ name }) => { const answer = await fetch(name); return { status: answer.status, text: await answer.text() }; },
    fail: () => { throw new TypeError("no such name: ada@example.org"); },
    wrong: () => ({ text: 1 }),
    slow: async (_input, { signal }) => { await new Promise((resolve) => signal.addEventListener("abort", resolve)); return { text: "cancelled" }; },
    spin: () => { for (;;); },
    exit: () => { globalThis.Deno.exit(3); },
    garbage: () => { globalThis.Deno.stdout.writeSync(new TextEncoder().encode("garbage\\n")); return forever(); },
    answers: () => { globalThis.Deno.stdout.writeSync(new TextEncoder().encode('{"jsonrpc":"2.0","id":77,"result":1}\\n')); return forever(); },
    progress: async (_input, { progress }) => { for (let done = 0; done < 500; done += 1) progress({ done, total: 499 }); return { text: "done" }; },
    ponder: () => ({ text: "so be it" }),
    tidy: () => ({ runs: (runs += 1) }),
  },
  events: { "kernel.plugin_error": async (events, { state }) => { await state.put("events", events.length); } },
  hooks: {
    before_invocation: async ({ command }) => {
      if (command === "ponder") await new Promise((resolve) => setTimeout(resolve, 1_500));
      return command === "wrong" ? { block: true, reason: "not today" } : undefined;
    },
    before_tool_call: async ({ method, params }, { state }) => {
      await state.get("anything");
      return method === "state.put" && params.key === "secret" ? { block: true, reason: "not that" } : undefined;
    },
    on_error: async (_params, { state }) => { await state.put("on_error", true); },
  },
};
`;

const command = (name: string, more: object = {}): object => ({
  name,
  summary: name,
  risk: "write",
  input: { properties: { name: { type: "string", maxLength: 5_000, default: "Ada" } } },
  output: name === "hi" ? { properties: { text: { type: "string" } }, required: ["text"] } : {},
  uses: [
    "capability:state:read",
    "capability:state:write",
    "capability:progress:write",
    "net:read",
    "fs:read",
    "process:run",
    "capability:seed:read",
  ],
  timeoutMs: 20_000,
  ...more,
});

export const manifestOf = (port: number): PluginManifest =>
  PluginManifest.parse({
    manifestVersion: 1,
    name: "all-sorts",
    version: "0.1.0",
    description: "Does all sorts.",
    license: "Apache-2.0",
    kind: "local",
    entry: "index.ts",
    engines: { prunella: ">=0.1.0" },
    namespace: "all-sorts",
    commands: [
      ..."hi count keep try at-once ponder fetch fail wrong exit garbage answers progress set"
        .split(" ")
        .map((name) => command(name)),
      command("slow", { timeoutMs: 400 }),
      command("spin", { timeoutMs: 600 }),
      command("tidy", { risk: "destructive" }),
    ],
    listens: [{ event: "kernel.plugin_error", uses: ["capability:state:write"], reason: "Counts them." }],
    hooks: [
      { name: "before_invocation", failure: "fail_closed" },
      { name: "before_tool_call", failure: "fail_open" },
      { name: "on_error", failure: "fail_open", uses: ["capability:state:write"] },
    ],
    capabilities: ["state:read", "state:write", "progress:write", "seed:read"].map((one) => ({
      name: one.split(":")[0],
      access: one.split(":")[1],
      reason: "It needs it.",
    })),
    network: [{ host: "localhost", port, methods: ["GET"], path: "/open/", reason: "Looks up." }],
    filesystem: [{ root: "workspace", access: "read", reason: "Reads." }],
    process: [{ template: ["git", "log", "--oneline", "-n", "{n:int}"], reason: "Reads the history." }],
    limits: { calls: 600 },
    config: {
      properties: {
        greeting: { type: "string", enum: ["hello", "ahoy"], default: "hello" },
        names: { type: "array", items: { type: "string" } },
      },
    },
  });

export async function openInvoker(fixture: EngineFixture, engine: EngineName) {
  const store = await fixture.open();
  const kernel = await openKernel(store.engine, systemClock);
  const folder = mkdtempSync(join(tmpdir(), "prunella-invoke-"));
  const asked: { url: string | undefined; headers: NodeJS.Dict<string | string[]> }[] = [];
  const web = await serve((url, headers) => asked.push({ url, headers }));
  const address = web.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const digest = digestOf(Buffer.from(BUNDLE));
  const bundle = join(folder, "bundles", digest.replace("sha256:", ""), "bundle.js");
  mkdirSync(join(bundle, ".."), { recursive: true });
  writeFileSync(bundle, BUNDLE);
  const workspace = join(folder, "workspace");
  mkdirSync(workspace);
  writeFileSync(join(workspace, "a.txt"), "text");
  const manifest = manifestOf(port);
  const by = { kind: "person", id: "operator" } as const;
  await kernel.plugins.install(
    {
      artifact: {
        plugin: manifest.name,
        version: "0.1.0",
        digest,
        treeDigest: digest,
        manifestDigest: digest,
        source: { kind: "path", path: "/srv/all-sorts" },
      },
      manifest,
      signature: null,
      bundler: "none",
      bytes: BUNDLE.length,
    },
    "default",
    by,
  );
  const methods: Map<string, Method> = createMethods({
    kernel,
    scrubJson,
    roots: () => ({ workspace: "workspace" }),
    base: folder,
  });
  const sandbox = triedSandbox(engine);
  let settings: Readonly<Record<string, unknown>> = {};
  const invoker = createInvoker({
    kernel,
    settings: () => ({ "all-sorts": settings }),
    broker: createBroker({ authorize: kernel.plugins.authorize, methods, scrubText, scrubJson }),
    sandbox,
    bundles: join(folder, "bundles"),
    work: join(folder, "work"),
    scrubText,
    scrubJson,
    now: () => Date.now(),
    programs: {
      isWhole: () => true,
      treeOf: (digest) => join(folder, "bundles", digest.replace("sha256:", ""), "tree"),
      shortfall: probeBubblewrap,
      run: runProgram,
    },
  });
  return {
    kernel,
    invoker,
    folder,
    bundle,
    workspace,
    port,
    asked,
    set: (given: Readonly<Record<string, unknown>>) => void (settings = given),
    /** Every table, by the digest of all that it holds. */
    async rows(): Promise<Record<string, string>> {
      const tables = await sql<{
        name: string;
      }>`select name from sqlite_schema where type = 'table' order by name`.execute(store.engine.reader);
      const found: Record<string, string> = {};
      for (const { name } of tables.rows) {
        const all = await sql`select * from ${sql.table(name)}`.execute(store.engine.reader);
        found[name] = digestOf(
          Buffer.from(
            JSON.stringify(all.rows, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
          ),
        );
      }
      return found;
    },
    async trust(more: readonly { scope: string; resources: string[] }[] = []): Promise<void> {
      const wanted = [
        ...["capability:state:read", "capability:state:write", "capability:progress:write", "capability:seed:read"].map(
          (scope) => ({ scope, resources: ["*"] }),
        ),
        { scope: "net:read", resources: [`GET localhost:${port}/open/`] },
        { scope: "fs:read", resources: ["workspace"] },
        { scope: "process:run", resources: ["git log --oneline -n {n:int}"] },
        { scope: "events:receive", resources: ["kernel.plugin_error"] },
        ...more,
      ];
      await kernel.plugins.grant(
        { projectId: "default", name: "all-sorts", wanted, reason: null, expiresAt: null },
        by,
      );
    },
    run: (name: string, args: Record<string, unknown> = {}, more: Partial<Invoke> = {}) =>
      invoker.invoke({ projectId: "default", plugin: "all-sorts", command: name, args, by, via: "cli", ...more }),
    async [Symbol.asyncDispose]() {
      await invoker.close();
      web.close();
      web.closeAllConnections();
      await kernel.close();
      await store[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** For tests of what runs in it: the hostile plugin has a test of its own. */
export const triedSandbox = (engine: EngineName): Sandbox => ({
  standing: () =>
    Promise.resolve({
      kind: "ready",
      engine: createEngine(engine),
      hasOsLayer: engine !== "deno",
      insteadOf: null,
      report: { engine, isAvailable: true, enforced: allRules("enforced"), reason: null, mend: null },
    }),
});

function serve(seen: (url: string | undefined, headers: NodeJS.Dict<string | string[]>) => void): Promise<Server> {
  const server = createServer((request, response) => {
    seen(request.url, request.headers);
    if (request.url === "/open/away") response.writeHead(302, { location: "/shut/x" }).end();
    else if (request.url === "/open/moved") response.writeHead(302, { location: "/open/there" }).end();
    else response.end(`answer of ${request.url}`);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}
