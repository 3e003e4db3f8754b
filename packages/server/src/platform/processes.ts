import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process that runs; one that has ended and that nobody reaped (a zombie) is none. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Where the system does not say, its group. */
  readonly session: number;
  /** Tells it from a later one that has its number: the moment of its start, and of which boot. */
  readonly startedAt: string;
  /** For people. */
  readonly name: string;
}

/** How many are read before others may work: each takes some 20 µs, on a busy machine ten times that. */
const READ_AT_ONCE = 16;

/** All that this process can see. Empty where the system cannot be asked. */
export async function processes(): Promise<Process[]> {
  const found: Process[] = [];
  const origin = procOrigin();
  if (origin === null) return table();
  for (const [at, pid] of pids().entries()) {
    const row = readStat(pid, origin);
    if (row) found.push(row);
    if (at % READ_AT_ONCE === READ_AT_ONCE - 1) await breathe();
  }
  return found;
}

/** The process with this number, or null when none runs. */
export function processOf(pid: number): Process | null {
  const origin = procOrigin();
  return origin === null ? (table(pid)[0] ?? null) : readStat(pid, origin);
}

/** Whether it is still the same one that runs. */
export const isRunning = ({ pid, startedAt }: Pick<Process, "pid" | "startedAt">): boolean =>
  processOf(pid)?.startedAt === startedAt;

/** What a process started, what that started, and so on; parents before children. */
export function descendants(pid: number): Process[] {
  const origin = procOrigin();
  const rows = origin === null ? table() : pids().flatMap((each) => readStat(each, origin) ?? []);
  const found: Process[] = [];
  const parents = new Set([pid]);
  for (let before = -1; before < found.length;) {
    before = found.length;
    for (const row of rows) {
      if (!parents.has(row.parent) || parents.has(row.pid)) continue;
      parents.add(row.pid);
      found.push(row);
    }
  }
  return found;
}

/** Sends a signal to each that still runs; those that may not be signalled by this user are left. */
export function signalAll(rows: readonly Process[], signal: NodeJS.Signals): void {
  for (const row of rows) {
    if (!isRunning(row)) continue;
    try {
      process.kill(row.pid, signal);
    } catch (error) {
      if (!isGoneOrForbidden(error)) throw error;
    }
  }
}

/** Kills a program that leads a group, with all of the group; one that has ended, or is another user's, is no error. */
export function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch (error) {
    if (!isGoneOrForbidden(error)) throw error;
  }
}

/** ESRCH: it has ended meanwhile. EPERM: it is another user's. */
export function isGoneOrForbidden(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM");
}

/** This process, its parent, and so on up. */
export function ancestry(): Set<number> {
  const found = new Set<number>();
  for (let pid = process.pid; pid > 0 && !found.has(pid);) {
    found.add(pid);
    pid = pid === process.pid ? process.ppid : (processOf(pid)?.parent ?? 0);
  }
  return found;
}

/**
 * Those whose environment sets `name` to something that begins with `beginning`, with the whole
 * value. Linux alone shows the environment of another process, and only of the same user's.
 */
export async function withVariable(name: string, beginning: string): Promise<{ row: Process; value: string }[]> {
  const found: { row: Process; value: string }[] = [];
  const origin = procOrigin();
  if (origin === null) return found;
  const wanted = Buffer.from(`\0${name}=${beginning}`);
  for (const [at, pid] of pids().entries()) {
    const value = readVariable(pid, wanted, name.length + 2);
    const row = value === null ? null : readStat(pid, origin);
    if (value !== null && row) found.push({ row, value });
    if (at % READ_AT_ONCE === READ_AT_ONCE - 1) await breathe();
  }
  return found;
}

const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Whether /proc speaks of our processes; asking another way starts a program each time. */
export const isProcHere = (): boolean => procOrigin() !== null;

/**
 * Names this boot and this namespace of pids; null where there is no /proc, or one of another
 * namespace than ours, which speaks of other processes.
 */
function procOrigin(): string | null {
  try {
    if (process.platform !== "linux" || readlinkSync("/proc/self") !== String(process.pid)) return null;
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const [namespace = "0"] = /\d+/.exec(readlinkSync("/proc/self/ns/pid")) ?? [];
    return `${boot}/${namespace}`;
  } catch {
    return null;
  }
}

const pids = (): number[] => readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));

/** proc_pid_stat(5). The name may hold anything, so what follows it is counted from the last `)`. */
function readStat(pid: number, origin: string): Process | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return null;
  }
  const end = text.lastIndexOf(")");
  const [state = "Z", ...rest] = text.slice(end + 2).split(" ");
  if (state === "Z" || state === "X") return null;
  return {
    pid,
    parent: Number(rest[0]),
    group: Number(rest[1]),
    session: Number(rest[2]),
    startedAt: `${origin}/${rest[18] ?? ""}`,
    name: text.slice(text.indexOf("(") + 1, end),
  };
}

function readVariable(pid: number, wanted: Buffer, skip: number): string | null {
  try {
    const bytes = Buffer.concat([Buffer.of(0), readFileSync(`/proc/${pid}/environ`)]);
    const at = bytes.indexOf(wanted);
    if (at === -1) return null;
    const end = bytes.indexOf(0, at + 1);
    return bytes.subarray(at + skip, end === -1 ? bytes.length : end).toString();
  } catch {
    // It has ended, or is another user's.
    return null;
  }
}

const ROW = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/;

/** By `ps`, which macOS and the BSDs have. */
function table(pid: number | null = null): Process[] {
  if (process.platform === "win32") return [];
  const which = pid === null ? ["-A"] : ["-p", String(pid)];
  const columns = ["pid", "ppid", "pgid", "state", "lstart", "comm"].flatMap((column) => ["-o", `${column}=`]);
  let text: string;
  try {
    text = execFileSync("ps", [...which, ...columns], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C" },
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 2 ** 26,
    });
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    const [, id, parent, group, state = "Z", startedAt = "", name = ""] = ROW.exec(line) ?? [];
    if (id === undefined || state.startsWith("Z")) return [];
    return [{ pid: Number(id), parent: Number(parent), group: Number(group), session: Number(group), startedAt, name }];
  });
}
