import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { diagnose, type Diagnosis, type Facts } from "./diagnose.ts";
import { seccompFilter } from "./seccomp.ts";

const run = promisify(execFile);
const PROBE_MS = 5_000;

/** What a program is given to see, all of it read only but `scratch`. */
export interface View {
  readonly files: readonly {
    readonly from: string;
    readonly to: string;
    /** Not every system has it. */
    readonly isOptional?: boolean;
  }[];
  /** Of the host's, by grant. */
  readonly folders?: readonly { readonly from: string; readonly to: string; readonly access: "read" | "write" }[];
  /** Where it may write: a folder of the host, or so many bytes of memory that are gone with it. */
  readonly scratch:
    | { readonly from: string; readonly to: string }
    | { readonly bytes: number; readonly to: string }
    | null;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Where it sees its own program. */
  readonly self: string;
}

export interface Rlimits {
  /** Of private writable memory: heap, buffers, threads' stacks. null for none. */
  readonly dataBytes: number | null;
  readonly cpuSeconds: number;
  readonly openFiles: number;
  /** Of one file that it writes. */
  readonly fileBytes: number;
}

/** Where a program of this name lies, looked for where systems have it, never where our caller says. */
export function programAt(name: string): string | null {
  for (const folder of ["/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/sbin"]) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The next one.
    }
  }
  return null;
}

/**
 * A root of its own that holds only what is named; no network but an empty one, no process but its own, no capability,
 * nobody's user id, no variable of ours, and a filter of system calls. It dies with what started it.
 */
export function bubblewrapped(bwrap: string, view: View, hasFilter: boolean): string[] {
  return [
    bwrap,
    ...words("--unshare-user --unshare-all --die-with-parent --cap-drop ALL --uid 65534 --gid 65534"),
    ...words("--hostname sandbox --clearenv"),
    ...Object.entries(view.env).flatMap(([name, value]) => ["--setenv", name, value]),
    ...view.files.flatMap(({ from, to, isOptional }) => [
      isOptional === true ? "--ro-bind-try" : "--ro-bind",
      from,
      to,
    ]),
    ...(view.folders ?? []).flatMap(({ from, to, access }) => [access === "write" ? "--bind" : "--ro-bind", from, to]),
    ...scratchOf(view.scratch),
    // There is no /proc; a runtime that asks who it is finds its program.
    ...words("--symlink SELF /proc/self/exe --dev /dev --remount-ro /dev --remount-ro / --chdir CWD").map((word) =>
      word === "SELF" ? view.self : word === "CWD" ? view.cwd : word,
    ),
    ...(hasFilter ? ["--seccomp", "3"] : []),
    // What follows is a program, whatever it looks like.
    "--",
  ];
}

function scratchOf(scratch: View["scratch"]): string[] {
  if (scratch === null) return [];
  return "from" in scratch
    ? ["--bind", scratch.from, scratch.to]
    : ["--size", String(scratch.bytes), "--tmpfs", scratch.to];
}

const words = (text: string): string[] => text.split(" ");

/** `mayFork`: for programs that start others. */
export const systemFilter = (mayFork = false): Buffer | null => seccompFilter(process.arch, mayFork);

/** Soft and hard alike: nothing raises them again. */
export function limited(prlimit: string, limits: Rlimits): string[] {
  return [
    prlimit,
    ...(limits.dataBytes === null ? [] : [`--data=${limits.dataBytes}`]),
    `--cpu=${limits.cpuSeconds}`,
    `--nofile=${limits.openFiles}`,
    `--fsize=${limits.fileBytes}`,
    "--core=0",
    "--",
  ];
}

/** The shared libraries that a program loads, as its loader finds them. */
export async function librariesOf(program: string): Promise<string[]> {
  const ldd = programAt("ldd");
  if (ldd === null) throw new Error("there is no ldd, which says what libraries the engine needs");
  const { stdout } = await run(ldd, [program], { env: { LC_ALL: "C" }, timeout: PROBE_MS });
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = ""]) => path).filter((path) => existsSync(path));
}

/** null when it starts. */
export async function probeBubblewrap(signal: AbortSignal): Promise<Diagnosis | null> {
  if (process.platform !== "linux")
    return {
      reason: `bubblewrap is for Linux, and this is ${process.platform}`,
      mend: "Use the engine deno without the second layer, or a machine with Linux.",
    };
  const bwrap = programAt("bwrap");
  if (bwrap === null) return { reason: "bubblewrap is not installed", mend: "Install it: apt-get install bubblewrap" };
  if (programAt("prlimit") === null)
    return { reason: "prlimit is not installed", mend: "Install it: apt-get install util-linux" };
  const sample = programAt("true");
  if (sample === null)
    return { reason: "there is no program to try bubblewrap with", mend: "Install it: apt-get install coreutils" };
  const files = [sample, ...(await librariesOf(sample))].map((from) => ({ from, to: from }));
  const [, ...args] = [
    ...bubblewrapped(bwrap, { files, scratch: null, env: {}, cwd: "/", self: sample }, false),
    sample,
  ];
  try {
    await run(bwrap, args, { env: { LC_ALL: "C" }, timeout: PROBE_MS, signal });
    return null;
  } catch (error) {
    const stderr = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
    return diagnose({ ...facts(), stderr: stderr.trim().split("\n")[0] ?? "" });
  }
}

function facts(): Omit<Facts, "stderr"> {
  const setting = (path: string): string | null => {
    try {
      return readFileSync(path, "utf8").trim();
    } catch {
      return null;
    }
  };
  const status = setting("/proc/self/status") ?? "";
  return {
    usernsClone: setting("/proc/sys/kernel/unprivileged_userns_clone"),
    maxUserNamespaces: setting("/proc/sys/user/max_user_namespaces"),
    apparmorRestricts: setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
    isContainer:
      existsSync("/.dockerenv") ||
      existsSync("/run/.containerenv") ||
      /docker|kubepods|containerd|lxc/.test(setting("/proc/1/cgroup") ?? ""),
    hasSeccomp: /^Seccomp:\s*2$/m.test(status),
    hasNoNewPrivileges: /^NoNewPrivs:\s*1$/m.test(status),
  };
}
