import { bubblewrapped, limited, programAt, systemFilter } from "./bubblewrap.ts";
import { LaunchError } from "./engine.ts";
import { startSandboxed } from "./process.ts";

const MB = 1_048_576;
const MAX_OUTPUT = 1_048_576;
const WALL_MS = 30_000;
/** Of one program, and of all that it started together. */
const MEMORY_MB = 512;
const SCRATCH_MB = 64;

export interface TemplateRun {
  /** With its places filled; nothing of it is looked up by a shell. */
  readonly argv: readonly string[];
  /** Folders of the host that it sees, by where; the first is where it stands. */
  readonly roots: readonly { readonly path: string; readonly name: string; readonly access: "read" | "write" }[];
}

export interface TemplateResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly isCut: boolean;
}

/** What a system's programs need, and nothing of anybody's. */
export const SYSTEM = ["/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/alternatives"];
const ENV = {
  PATH: "/usr/bin:/bin",
  HOME: "/tmp",
  LANG: "C.UTF-8",
  TZ: "UTC",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  // Whose a checkout is does not matter here, and what it wants to run does not either.
  GIT_CONFIG_COUNT: "3",
  GIT_CONFIG_KEY_0: "safe.directory",
  GIT_CONFIG_VALUE_0: "*",
  GIT_CONFIG_KEY_1: "core.hooksPath",
  GIT_CONFIG_VALUE_1: "/dev/null",
  GIT_CONFIG_KEY_2: "core.fsmonitor",
  GIT_CONFIG_VALUE_2: "false",
};

/**
 * One program of the system, in a root that holds the system's programs and the folders that were granted, without
 * network, without the host's variables. It may start others, which end with it.
 */
export async function runTemplate(run: TemplateRun, signal: AbortSignal): Promise<TemplateResult> {
  const [bwrap, prlimit] = [programAt("bwrap"), programAt("prlimit")];
  if (bwrap === null || prlimit === null)
    throw new LaunchError(
      "not_started",
      "a program of the system runs only inside the second layer, and there is none here",
    );
  const [first] = run.roots;
  const filter = systemFilter(true);
  const wrapped = bubblewrapped(
    bwrap,
    {
      files: SYSTEM.map((from) => ({ from, to: from, isOptional: true })),
      folders: run.roots.map(({ path, name, access }) => ({ from: path, to: `/roots/${name}`, access })),
      scratch: { bytes: SCRATCH_MB * MB, to: "/tmp" },
      env: ENV,
      cwd: first === undefined ? "/tmp" : `/roots/${first.name}`,
      self: "/usr/bin/env",
    },
    filter !== null,
  );
  const limits = limited(prlimit, {
    dataBytes: MEMORY_MB * MB,
    cpuSeconds: 20,
    openFiles: 256,
    fileBytes: SCRATCH_MB * MB,
  });
  const process_ = await startSandboxed(
    {
      command: [...limits, ...wrapped, ...run.argv],
      env: {},
      cwd: "/",
      third: filter,
      wallMs: WALL_MS,
      watchRssMb: MEMORY_MB,
      clean: () => undefined,
    },
    signal,
  );
  process_.endInput();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of process_.stdout) {
    size += chunk.byteLength;
    if (size > MAX_OUTPUT) break;
    chunks.push(chunk);
  }
  if (size > MAX_OUTPUT) await process_.kill();
  const { code, ended } = await process_.exited;
  if (ended === "wall") throw new LaunchError("not_started", `it took longer than ${WALL_MS / 1_000} s`);
  if (ended === "memory") throw new LaunchError("not_started", `it took more memory than ${MEMORY_MB} MB`);
  return {
    code,
    stdout: Buffer.concat(chunks).toString("utf8"),
    stderr: process_.stderr().slice(-8_192),
    isCut: size > MAX_OUTPUT,
  };
}

const PLACE = /^\{([a-z][a-z0-9_]{0,31}):(int|word)\}$/;
/** Neither begins with a dash, climbs, or holds what a program could take for something else. */
const FITS = { int: /^\d{1,15}$/, word: /^[A-Za-z0-9_][A-Za-z0-9._@/-]{0,199}$/ };

/** The program's arguments; a text says what does not fit. */
export function fillTemplate(
  template: readonly string[],
  args: Readonly<Record<string, string | number>>,
): readonly string[] | string {
  const places = template.flatMap((part) => PLACE.exec(part)?.[1] ?? []);
  const extra = Object.keys(args).find((name) => !places.includes(name));
  if (extra !== undefined) return `there is no place {${extra.slice(0, 32)}} in ${template.join(" ")}`;
  const filled: string[] = [];
  for (const part of template) {
    const [, name = "", type] = PLACE.exec(part) ?? [];
    if (type !== "int" && type !== "word") {
      filled.push(part);
      continue;
    }
    const value = Object.hasOwn(args, name) ? String(args[name]) : "";
    if (!FITS[type].test(value) || value.split("/").includes(".."))
      return `{${name}:${type}} needs ${type === "int" ? "a whole number" : "a word of letters, digits, . _ @ / and -, without .."}`;
    filled.push(value);
  }
  return filled;
}
