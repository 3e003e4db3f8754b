import { accessSync, constants, realpathSync } from "node:fs";
import { join, normalize } from "node:path";
import { descendants } from "../processes.ts";
import { bubblewrapped, limited, programAt, systemFilter } from "./bubblewrap.ts";
import { LaunchError } from "./engine.ts";
import { startSandboxed } from "./process.ts";
import { SYSTEM } from "./template.ts";

const MB = 1_048_576;
const MAX_OUTPUT = MB;
const SCRATCH_MB = 64;
/** What an interpreter takes for itself, beside what the plugin may. */
const IDLE_MB = 640;
/** It may start others, and no more than a small tree of them: looked at ten times a second. */
const MOST_PROCESSES = 64;
const WATCH_MS = 100;
const PATH = ["/usr/local/bin", "/usr/bin", "/bin"];

/** Where a program sees its own files, and what it may write to until it ends. */
export const PROGRAM_HOME = "/plugin";
export const PROGRAM_SCRATCH = "/tmp";

export interface ProgramRun {
  /** The folder of its files. */
  readonly tree: string;
  /** Nothing of it is looked at by a shell. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly cpuSeconds: number;
  readonly wallMs: number;
}

export interface ProgramResult {
  /** null: it did not end by itself. */
  readonly code: number | null;
  /** Why it did not; null where it did. */
  readonly ended: "time" | "cancelled" | "memory" | "processes" | "output" | null;
  readonly stdout: string;
  /** Its last 64 KiB. */
  readonly stderr: string;
}

/**
 * Any executable, of the plugin's own folder or of the system, in a root that holds the system's programs and that
 * folder: no network, no variable of ours, nothing of the host to write to. It is never started without the layer.
 */
export async function runProgram(run: ProgramRun, signal: AbortSignal): Promise<ProgramResult> {
  const [bwrap, prlimit] = [programAt("bwrap"), programAt("prlimit")];
  if (bwrap === null || prlimit === null)
    throw new LaunchError("not_started", "a program runs only inside the second layer, and there is none here");
  const [name = "", ...args] = run.argv;
  const program = programOf(name, run.tree);
  if (program === null)
    throw new LaunchError(
      "not_started",
      `there is no program ${name.slice(0, 200)} in ${name.includes("/") ? "its folder" : PATH.join(", ")}`,
    );
  const filter = systemFilter(true);
  const wrapped = bubblewrapped(
    bwrap,
    {
      files: SYSTEM.map((from) => ({ from, to: from, isOptional: true })),
      folders: [{ from: run.tree, to: PROGRAM_HOME, access: "read" }],
      scratch: { bytes: SCRATCH_MB * MB, to: PROGRAM_SCRATCH },
      env: { PATH: PATH.join(":"), HOME: PROGRAM_SCRATCH, LANG: "C.UTF-8", TZ: "UTC", ...run.env },
      cwd: PROGRAM_HOME,
      self: program.startsWith("/") ? realpathSync(program) : `${PROGRAM_HOME}/${program}`,
    },
    filter !== null,
  );
  const limits = limited(prlimit, {
    dataBytes: (IDLE_MB + run.memoryMb) * MB,
    cpuSeconds: run.cpuSeconds,
    openFiles: 256,
    fileBytes: SCRATCH_MB * MB,
  });
  const process_ = await startSandboxed(
    {
      command: [...limits, ...wrapped, program.startsWith("/") ? program : `./${program}`, ...args],
      env: {},
      cwd: "/",
      third: filter,
      wallMs: run.wallMs,
      watchRssMb: IDLE_MB + run.memoryMb,
      clean: () => undefined,
    },
    signal,
  );
  let why: ProgramResult["ended"] = null;
  const watch = setInterval(() => {
    if (descendants(process_.pid).length <= MOST_PROCESSES) return;
    why ??= "processes";
    void process_.kill();
  }, WATCH_MS).unref();
  process_.endInput();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of process_.stdout) {
      size += chunk.byteLength;
      if (size > MAX_OUTPUT) break;
      chunks.push(chunk);
    }
  } catch {
    // Its pipe was closed because it was ended; why, is said below.
  }
  if (size > MAX_OUTPUT) {
    why ??= "output";
    await process_.kill();
  }
  const { code, ended } = await process_.exited;
  clearInterval(watch);
  why ??= ended === null ? null : ended === "wall" ? "time" : ended === "memory" ? "memory" : "cancelled";
  const stderr = process_.stderr();
  if (why === null && code === 1 && stderr.startsWith("bwrap: "))
    throw new LaunchError("not_started", stderr.trim().split("\n")[0] ?? "");
  return { code: why === null ? code : null, ended: why, stdout: Buffer.concat(chunks).toString("utf8"), stderr };
}

/** A path of the system, or one below its own folder; null: there is none. */
function programOf(name: string, tree: string): string | null {
  if (!name.includes("/")) return found(name) ?? (name === "python" ? found("python3") : null);
  if (name.startsWith("/")) return PATH.some((folder) => name.startsWith(`${folder}/`)) && runs(name) ? name : null;
  const below = normalize(name);
  return !below.startsWith("../") && runs(join(tree, below)) ? below : null;
}

const found = (name: string): string | null => PATH.map((folder) => join(folder, name)).find(runs) ?? null;

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
