import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Config } from "@prunella/contract";
import { PluginManifest } from "@prunella/contract/plugins";
import { createIds, createKernel, migrate, SYSTEM } from "@prunella/kernel";
import { createCalendar, openSqlite, systemClock, systemRng } from "@prunella/server/platform";
import { descendants } from "../../packages/server/src/platform/processes.ts";
import { digestOf } from "../../packages/server/src/platform/sandbox/artifact.ts";
import type { EngineName } from "../../packages/server/src/platform/sandbox/engine.ts";
import { createEngine } from "../../packages/server/src/platform/sandbox/engines.ts";
import { openPluginHost } from "../../packages/server/src/plugins/host.ts";
import { beginLedger, TEST_SIGNER } from "../../test/ledger-rows.ts";
import { filesBelow, temporaryFolder } from "../folder.ts";
import { percentile } from "../percentile.ts";
import { round, type Bench, type Cell, type Results } from "./cell.ts";

const TINY = `
const timed = async (count, call) => {
  const took = [];
  for (let at = 0; at < count; at += 1) { const began = performance.now(); await call(at); took.push(performance.now() - began); }
  return { took };
};
export default { commands: {
  hi: () => null,
  reads: ({ count }, { state }) => timed(count, () => state.get("a")),
  effects: ({ count }, { fs }) => timed(count, (at) => fs.write("out", "a.txt", String(at))),
} };
`;
/** Of this many bytes, as a bundler writes functions and tables. */
const LARGE_BYTES = 805_000;

/** How long a plugin takes to start, what a call of it costs, and that nothing of a thousand runs is left. */
export const plugins: Cell = {
  name: "plugins",
  what: "plugins: cold starts, broker calls, what a thousand invocations leave",
  async run(bench) {
    using folder = temporaryFolder("bench-plugins");
    return { ...(await coldStarts(bench, folder.path)), ...(await calls(bench, folder.path)) };
  },
};

async function coldStarts(bench: Bench, folder: string): Promise<Results> {
  const results: Results = {};
  const bundles = { tiny: TINY, "805kb": large() };
  for (const [engineName, suffix] of [
    ["deno", ""],
    ["deno+bwrap", "_layer"],
    ["node+bwrap", "_node_layer"],
  ] as const)
    for (const [size, text] of Object.entries(bundles)) {
      const cpuBefore = childrenCpuMs();
      const took = await starts(bench, join(folder, `${size}${suffix}`), engineName, text);
      // Inside the layer the runtime is a child of a child that is killed: nobody is told of its time.
      if (engineName === "deno")
        results[`plugin_cold_${size}_cpu_ms`] = round((childrenCpuMs() - cpuBefore) / (took.length + 3));
      results[`plugin_cold_${size}${suffix}_p50_ms`] = round(percentile(took, 0.5));
      results[`plugin_cold_${size}${suffix}_p95_ms`] = round(percentile(took, 0.95));
    }
  return results;
}

/** Of processes that ended, user and system, in hundredths of a second: cutime and cstime of proc(5). */
function childrenCpuMs(): number {
  const text = existsSync("/proc/self/stat") ? readFileSync("/proc/self/stat", "latin1") : "";
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

async function starts(bench: Bench, folder: string, name: EngineName, text: string): Promise<number[]> {
  const engine = createEngine(name);
  if (!(await engine.probe(AbortSignal.timeout(10_000))).ok) return [];
  mkdirSync(folder, { recursive: true });
  const bundle = join(folder, "bundle.js");
  writeFileSync(bundle, text);
  const digest = digestOf(Buffer.from(text));
  const took: number[] = [];
  // The first two warm the caches: of the libraries, of what the runtime takes idle, of compiled code.
  for (let at = -2; at < (bench.isQuick ? 20 : 60); at += 1) {
    const began = performance.now();
    const process_ = await engine.launch(
      { bundle, digest, limits: { memoryMb: 192, cpuSeconds: 30, wallMs: 30_000 }, workDir: join(folder, "work") },
      new AbortController().signal,
    );
    process_.send({ jsonrpc: "2.0", id: 1, method: "$/initialize", params: { invocation: null } });
    for await (const _frame of process_.frames) break;
    if (at >= 0) took.push(performance.now() - began);
    // What it compiled is written as it goes on; only a process that ends by itself has written all of it.
    if (at < 0) await new Promise((resolve) => setTimeout(resolve, 2_000));
    await process_.kill();
  }
  return took;
}

async function calls(bench: Bench, folder: string): Promise<Results> {
  const data = join(folder, "data");
  mkdirSync(join(data, "out"), { recursive: true });
  const engine = openSqlite(join(data, "prunella.db"));
  await migrate(engine);
  await beginLedger(engine, Date.now());
  const rng = systemRng();
  const log = { info() {}, warn: bench.say };
  const { limits, retention } = Config.parse({});
  const kernel = await createKernel({
    engine,
    clock: systemClock,
    calendar: createCalendar(),
    rng,
    log,
    newId: createIds(systemClock, rng),
    limits,
    retention,
    freeDisk: () => null,
    place: "bench",
    signer: TEST_SIGNER,
  });
  await kernel.projects.add({ id: "default", by: SYSTEM });
  const config = Config.parse({ plugins: { roots: { out: "out" } } });
  const host = openPluginHost({
    kernel,
    dataFolder: data,
    base: data,
    plugins: () => config.plugins,
    scrubber: null,
    log,
  });
  try {
    const run = await installed(kernel, data, host.invokePlugin);
    await run("hi", {});
    const before = standing(data);
    const rounds = bench.isQuick ? 200 : 1_000;
    const began = performance.now();
    for (let at = 0; at < rounds; at += 1) await run("hi", {});
    const invocationMs = (performance.now() - began) / rounds;
    const after = standing(data);
    const reads = await run("reads", { count: bench.isQuick ? 500 : 2_000 });
    const effects = await run("effects", { count: bench.isQuick ? 50 : 200 });
    await host.close();
    const left = {
      processes: descendants(process.pid).length,
      files: after.files - before.files,
      handles: after.handles - before.handles,
    };
    // The runs' own rows are the ledger's and stay; what is counted is beside the database.
    for (const [what, count] of Object.entries(left))
      if (count > 0) bench.fail(`plugins: ${rounds} invocations left ${count} ${what}`);
    return {
      plugin_invocation_ms: round(invocationMs, 2),
      plugin_broker_read_p50_ms: round(percentile(reads, 0.5), 3),
      plugin_broker_read_p95_ms: round(percentile(reads, 0.95), 3),
      plugin_broker_effect_p50_ms: round(percentile(effects, 0.5), 2),
      plugin_left_processes: left.processes,
      plugin_left_files: left.files,
      plugin_left_handles: left.handles,
    };
  } finally {
    await host.close();
    await kernel.close();
    await engine.close();
  }
}

async function installed(
  kernel: Awaited<ReturnType<typeof createKernel>>,
  data: string,
  invoke: ReturnType<typeof openPluginHost>["invokePlugin"],
) {
  const digest = digestOf(Buffer.from(TINY));
  const folder = join(data, "plugins", "bundles", digest.replace("sha256:", ""));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "bundle.js"), TINY);
  const count = { properties: { count: { type: "integer" } } };
  const uses = ["capability:state:read", "fs:write"];
  const manifest = PluginManifest.parse({
    manifestVersion: 1,
    name: "bench",
    version: "0.1.0",
    description: "Measured.",
    license: "Apache-2.0",
    kind: "local",
    entry: "index.js",
    engines: { prunella: ">=0.1.0" },
    namespace: "bench",
    commands: ["hi", "reads", "effects"].map((name) => ({
      name,
      summary: name,
      risk: "write",
      input: name === "hi" ? {} : count,
      uses,
      timeoutMs: 600_000,
    })),
    capabilities: [{ name: "state", access: "read", reason: "Measured." }],
    filesystem: [{ root: "out", access: "write", reason: "Measured." }],
    limits: { calls: 100_000 },
  });
  const by = { kind: "person", id: "operator" } as const;
  const source = { kind: "path", path: "/bench" } as const;
  const artifact = { plugin: "bench", version: "0.1.0", digest, treeDigest: digest, manifestDigest: digest, source };
  await kernel.plugins.install(
    { artifact, manifest, signature: null, bundler: "none", bytes: TINY.length },
    "default",
    by,
  );
  const wanted = [
    { scope: "capability:state:read", resources: ["*"] },
    { scope: "fs:write", resources: ["out"] },
  ];
  await kernel.plugins.grant({ projectId: "default", name: "bench", wanted, reason: null, expiresAt: null }, by);
  const plugin = await kernel.plugins.find("bench");
  return async (command: string, args: Record<string, unknown>): Promise<number[]> => {
    const ran = await invoke({
      projectId: "default",
      plugin,
      command,
      args,
      by,
      via: "api",
      isConfirmed: false,
      bindings: {},
    });
    if (ran.status !== "success") throw new Error(`${command} is ${ran.status}: ${ran.detail}`);
    const { took = [] }: { took?: number[] } = Object(ran.output);
    return took;
  };
}

function standing(data: string): { files: number; handles: number } {
  const isOurs = (path: string): boolean => !/prunella\.db/.test(path);
  return {
    files: filesBelow(data).filter(isOurs).length,
    handles: existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0,
  };
}

function large(): string {
  const parts: string[] = [];
  let size = 0;
  for (let at = 1; size < LARGE_BYTES; at += 1) {
    const part = `function f${at}(value, options = {}) {\n  const { limit = ${at}, name = "field ${at}" } = options;\n  if (typeof value !== "number" || value > limit) throw new TypeError(\`\${name} is over \${limit}\`);\n  return { name, value: value * ${at}, tags: ["a${at}", "b${at}"].map((tag) => tag.toUpperCase()) };\n}\nconst table${at} = { f: f${at}, next: () => f${Math.max(1, at - 1)}(${at}) };\n`;
    parts.push(part);
    size += part.length;
  }
  return `${parts.join("")}export default { commands: { hi: () => table1.f(1) } };\n`;
}
