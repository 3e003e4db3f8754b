import { nodeBinary } from "./binaries.ts";
import { bubblewrapped, librariesOf, limited, programAt, systemFilter, type View } from "./bubblewrap.ts";
import { LaunchError, type SandboxLimits } from "./engine.ts";
import { startSandboxed, type Sandboxed } from "./process.ts";
import { PROGRAM_HOME, PROGRAM_SCRATCH } from "./program.ts";
import { SYSTEM } from "./template.ts";

const MB = 1_048_576;
/** Address space that runtimes set aside and never touch: what they hold is looked at ten times a second. */
const RESERVED_MB = 2_048;
/** What a runtime holds resident before it does anything, with room: measured 42 to 82 MB. */
const IDLE_RSS_MB = 128;
const OPEN_FILES = 256;
/** Of memory, gone with the process. */
const SCRATCH_MB = 64;
const NODE = "/runtime/node";

/** Of our own node, looked up once: they do not change while it runs. */
let libraries: Promise<string[]> | null = null;

export interface ServerRun {
  /** The folder of its own files, which it sees and cannot change; it stands there when it starts. */
  readonly tree: string;
  /** `node` is the one that runs this server; everything else is a program of the system, or a file of its own. */
  readonly argv: readonly string[];
  /** Of the host's, by grant: seen at `/roots/<name>`. */
  readonly roots: readonly { readonly path: string; readonly name: string; readonly access: "read" | "write" }[];
  readonly limits: SandboxLimits;
}

/**
 * A server of a plugin, of whatever language, which is spoken with while it runs: in a root of its own with the system's programs, its files and the
 * folders that were granted; no network, no variable of ours, no other process to see, and none that it could start.
 */
export async function launchServer(run: ServerRun, signal: AbortSignal): Promise<Sandboxed> {
  const [bwrap, prlimit] = [programAt("bwrap"), programAt("prlimit")];
  if (bwrap === null || prlimit === null)
    throw new LaunchError("not_started", "a program runs only inside the second layer, and there is none here");
  const node = nodeBinary();
  libraries ??= librariesOf(node);
  libraries.catch(() => (libraries = null));
  const own = (await libraries).filter((path) => !SYSTEM.some((shown) => path.startsWith(`${shown}/`)));
  const filter = systemFilter();
  const view: View = {
    files: [
      ...SYSTEM.map((from) => ({ from, to: from, isOptional: true })),
      ...own.map((from) => ({ from, to: from })),
      { from: node, to: NODE },
    ],
    folders: [
      { from: run.tree, to: PROGRAM_HOME, access: "read" },
      ...run.roots.map(({ path, name, access }) => ({ from: path, to: `/roots/${name}`, access })),
    ],
    scratch: { bytes: SCRATCH_MB * MB, to: PROGRAM_SCRATCH },
    env: {
      PATH: "/runtime:/usr/bin:/bin",
      HOME: PROGRAM_SCRATCH,
      LANG: "C.UTF-8",
      TZ: "UTC",
      NO_COLOR: "1",
      PYTHONDONTWRITEBYTECODE: "1",
    },
    cwd: PROGRAM_HOME,
    self: run.argv[0] === "node" ? NODE : "/usr/bin/env",
  };
  const { memoryMb, cpuSeconds, wallMs } = run.limits;
  const limits = limited(prlimit, {
    dataBytes: (RESERVED_MB + memoryMb) * MB,
    cpuSeconds,
    openFiles: OPEN_FILES,
    fileBytes: SCRATCH_MB * MB,
  });
  return startSandboxed(
    {
      command: [...limits, ...bubblewrapped(bwrap, view, filter !== null), ...run.argv],
      env: {},
      cwd: "/",
      third: filter,
      wallMs,
      watchRssMb: IDLE_RSS_MB + memoryMb,
      clean: () => undefined,
    },
    signal,
  );
}
