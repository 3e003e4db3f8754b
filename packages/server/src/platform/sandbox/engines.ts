import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { descendants } from "../processes.ts";
import { assertArtifact } from "./artifact.ts";
import { denoBinary, insideFile, nodeBinary } from "./binaries.ts";
import { bubblewrapped, librariesOf, limited, probeBubblewrap, programAt, systemFilter } from "./bubblewrap.ts";
import { LaunchError, type EngineName, type LaunchSpec, type SandboxedProcess, type SandboxEngine } from "./engine.ts";
import { startSandboxed, type Start } from "./process.ts";
import { openRunFolder } from "./run-folder.ts";

const KB = 1_024;
const MB = 1_048_576;
/** Of compiled code: the largest bundle has a tenth of it. */
const CACHE_BYTES = 64 * MB;
const OPEN_FILES = 256;
/** What a runtime holds resident before it does anything, with room: measured 42 to 82 MB. */
const IDLE_RSS_MB = 128;
/** Private writable memory of an idle runtime where nobody can measure it (deno 2.9.6 on two cores: 565 MB). */
const IDLE_DATA = 640 * MB;
const MEASURE_MS = 10_000;
/** While it is measured nothing else holds it down. */
const MEASURE_RSS_MB = 1_024;

/** Where a sandbox with a root of its own has its things. */
const INSIDE = { engine: "/engine", runner: "/host/runner.mjs", bundle: "/plugin/bundle.mjs", cache: "/cache" };

export interface Runtime {
  readonly binary: string;
  /** Program and arguments, by where its parts are seen. */
  command(at: typeof INSIDE, memoryMb: number): string[];
  env(cache: string): Record<string, string>;
  readonly hasCache: boolean;
}

const words = (text: string): string[] => text.split(" ");

/** Everything is denied by name: a flag that a later version allows by default stays denied. */
export const denoRuntime = (binary: string): Runtime => ({
  binary,
  hasCache: true,
  command: (at, memoryMb) => [
    at.engine,
    ...words(
      "run --quiet --no-prompt --no-config --no-lock --no-remote --no-npm --cached-only --node-modules-dir=none",
    ),
    ...words("--deny-import --deny-net --deny-run --deny-ffi --deny-sys --deny-write"),
    // Undefined, not an error: common libraries ask for variables when they are loaded.
    "--ignore-env",
    `--allow-read=${at.bundle}`,
    `--v8-flags=--max-old-space-size=${memoryMb}`,
    at.runner,
    at.bundle,
  ],
  env: (cache) => ({ DENO_DIR: cache, DENO_NO_UPDATE_CHECK: "1", DENO_NO_PROMPT: "1", NO_COLOR: "1", TZ: "UTC" }),
});

export const nodeRuntime = (binary: string): Runtime => ({
  binary,
  hasCache: false,
  command: (at, memoryMb) => [
    at.engine,
    ...words("--permission --no-addons --disable-warning=ExperimentalWarning"),
    `--allow-fs-read=${dirname(at.bundle)}`,
    `--allow-fs-read=${dirname(at.runner)}`,
    `--max-old-space-size=${memoryMb}`,
    at.runner,
    at.bundle,
  ],
  env: () => ({ NO_COLOR: "1", TZ: "UTC" }),
});

export const createEngine = (name: EngineName): SandboxEngine => engineOf(name, () => runtimeOf(name));

function runtimeOf(name: EngineName): Runtime {
  if (name === "node+bwrap") return nodeRuntime(nodeBinary());
  const binary = denoBinary();
  if (binary === null)
    throw new LaunchError("not_started", `deno is not installed for ${process.platform} ${process.arch}`);
  return denoRuntime(binary);
}

/** With another way to start the runtime, for those who try one layer without the other. */
export function engineOf(name: EngineName, runtime: () => Runtime): SandboxEngine {
  const isWrapped = name !== "deno";
  /** Looked up once: neither the libraries of a program nor what it needs idle change while we run. */
  let known: Promise<{ readonly libraries: readonly string[]; readonly idleData: number }> | null = null;
  const lookUp = async (asked: LaunchSpec): Promise<{ libraries: readonly string[]; idleData: number }> => {
    const libraries = isWrapped ? await librariesOf(runtime().binary) : [];
    // With a plugin of ours that does nothing when it is loaded: one of others would say for all how much is idle.
    const spec = { ...asked, bundle: insideFile("hostile") };
    return { libraries, idleData: await idleData(startOf(runtime(), isWrapped, libraries, null, spec), spec) };
  };

  return {
    name,
    async probe(signal) {
      try {
        runtime();
      } catch (error) {
        return {
          ok: false,
          reason: error instanceof Error ? error.message : "it is not installed",
          mend: "Install it: npm install deno@2.9.6, or choose the engine node+bwrap",
        };
      }
      const diagnosis = isWrapped ? await probeBubblewrap(signal) : null;
      return diagnosis === null ? { ok: true } : { ok: false, ...diagnosis };
    },
    async launch(spec, signal) {
      assertArtifact(spec.bundle, spec.digest);
      mkdirSync(spec.workDir, { recursive: true, mode: 0o700 });
      known ??= lookUp(spec);
      known.catch(() => (known = null));
      const { libraries, idleData: idle } = await known;
      return start(startOf(runtime(), isWrapped, libraries, idle, spec), spec, signal);
    },
  };
}

type Begin = (workFolder: string | null) => Omit<Start, "clean">;

/** `idle` null: without a limit, to see what it needs. */
function startOf(
  runtime: Runtime,
  isWrapped: boolean,
  libraries: readonly string[],
  idle: number | null,
  spec: LaunchSpec,
): Begin {
  const { memoryMb, cpuSeconds, wallMs } = spec.limits;
  const bwrap = isWrapped ? programAt("bwrap") : null;
  const prlimit = programAt("prlimit");
  if (isWrapped && (bwrap === null || prlimit === null))
    throw new LaunchError("not_started", "the second layer needs bubblewrap and prlimit");
  const filter = bwrap === null ? null : systemFilter();
  const limits =
    prlimit === null
      ? []
      : limited(prlimit, {
          dataBytes: idle === null ? null : idle + memoryMb * MB,
          cpuSeconds,
          openFiles: OPEN_FILES,
          fileBytes: runtime.hasCache ? CACHE_BYTES : KB,
        });
  return (folder) => {
    const rest = {
      third: filter,
      wallMs,
      cwd: spec.workDir,
      watchRssMb: idle === null ? MEASURE_RSS_MB : prlimit === null ? IDLE_RSS_MB + memoryMb : null,
    };
    if (bwrap === null) {
      const at = {
        engine: runtime.binary,
        runner: insideFile("runner"),
        bundle: spec.bundle,
        cache: folder ?? spec.workDir,
      };
      return { ...rest, env: runtime.env(at.cache), command: [...limits, ...runtime.command(at, memoryMb)] };
    }
    const files = [
      { from: runtime.binary, to: INSIDE.engine },
      { from: insideFile("runner"), to: INSIDE.runner },
      { from: spec.bundle, to: INSIDE.bundle },
      ...libraries.map((from) => ({ from, to: from })),
    ];
    const scratch = folder === null ? null : { from: folder, to: INSIDE.cache };
    const view = { files, scratch, env: runtime.env(INSIDE.cache), cwd: "/", self: INSIDE.engine };
    const wrapped = bubblewrapped(bwrap, view, filter !== null);
    return { ...rest, env: {}, command: [...limits, ...wrapped, ...runtime.command(INSIDE, memoryMb)] };
  };
}

function start(begin: Begin, spec: LaunchSpec, signal: AbortSignal): Promise<SandboxedProcess> {
  const folder = openRunFolder(spec.workDir);
  return startSandboxed({ ...begin(folder.path), clean: () => folder.clean() }, signal);
}

/** Its limit is on top of what the runtime takes for itself, which differs by machine: so it is looked at once. */
async function idleData(begin: Begin, spec: LaunchSpec): Promise<number> {
  if (process.platform !== "linux") return IDLE_DATA;
  const process_ = await start(begin, spec, AbortSignal.timeout(MEASURE_MS));
  try {
    process_.send({ jsonrpc: "2.0", id: 1, method: "$/initialize", params: { invocation: null } });
    for await (const _frame of process_.frames) break;
    const found = [process_.pid, ...descendants(process_.pid).map(({ pid }) => pid)].map(dataOf);
    return Math.max(...found, 0) || IDLE_DATA;
  } finally {
    await process_.kill();
  }
}

function dataOf(pid: number): number {
  try {
    return Number(/^VmData:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0) * KB;
  } catch {
    return 0;
  }
}
