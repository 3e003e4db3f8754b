import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Writable } from "node:stream";
import { descendants, endGroup } from "../processes.ts";
import type { Exit } from "../spawn.ts";
import { LaunchError, type Ended, type SandboxedProcess } from "./engine.ts";
import { encodeFrame, readFrames } from "./frames.ts";

export const MAX_STDERR = 65_536;
/** It may lag behind by two of the largest frames; what holds more does not read. */
const MAX_UNREAD = 8_388_608;
const WATCH_MS = 100;
const MB = 1_048_576;

export interface Start {
  readonly command: readonly string[];
  /** All of it: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** What descriptor 3 holds, read to its end by the first program. */
  readonly third: Uint8Array | null;
  readonly wallMs: number;
  /** Where nothing in the kernel holds the memory down; looked at ten times a second. */
  readonly watchRssMb: number | null;
  /** After nothing of it runs any more. */
  clean(): void;
}

/** Of a program that is no plugin: its output is no frames. */
export interface Sandboxed extends SandboxedProcess {
  readonly stdout: AsyncIterable<Uint8Array>;
  endInput(): void;
}

/** Starts a program as the leader of a group of its own and ends all of that with it. */
export function startSandboxed(start: Start, signal: AbortSignal): Promise<Sandboxed> {
  const [program = "", ...args] = start.command;
  return new Promise((resolve, reject) => {
    const clean = (): void => {
      try {
        start.clean();
      } catch {
        // Nobody waits for this but the host itself, and it must not end of it. What is left goes when it starts anew.
      }
    };
    const fail = (cause: unknown): void => {
      clean();
      reject(new LaunchError("not_started", `${program} did not start`, cause));
    };
    let child: ChildProcess;
    try {
      child = spawn(program, args, {
        cwd: start.cwd,
        env: { ...start.env },
        stdio: ["pipe", "pipe", "pipe", start.third === null ? "ignore" : "pipe"],
        detached: process.platform !== "win32",
      });
    } catch (error) {
      // Arguments that are too long are thrown and not told later, as all else is.
      return fail(error);
    }
    const { stdin, stdout, stderr, pid } = child;
    // Out of files or processes: then there are no pipes, and why comes as an error.
    if (!stdin || !stdout || !stderr) return void child.once("error", fail);
    let ended: Ended = null;
    const stop = (why: Ended): void => {
      ended ??= why;
      endGroup(pid);
    };
    const exited = new Promise<Exit & { ended: Ended }>((resolveExit) => {
      child.once("close", (code, by) => {
        clearTimeout(wall);
        clearInterval(watch);
        signal.removeEventListener("abort", onAbort);
        clean();
        resolveExit({ code, signal: by, ended });
      });
    });
    const onAbort = (): void => stop("killed");
    const wall = setTimeout(() => stop("wall"), start.wallMs);
    const most = start.watchRssMb;
    const watch =
      most === null || pid === undefined
        ? undefined
        : setInterval(() => residentMb(pid) > most && stop("memory"), WATCH_MS).unref();
    signal.addEventListener("abort", onAbort, { once: true });
    child.once("error", (error) => {
      clearTimeout(wall);
      clearInterval(watch);
      fail(error);
    });
    // What it started in its own group may hold the pipes open when it has ended.
    child.once("exit", () => endGroup(pid));
    const tail = ringOf(stderr);
    // A program that has ended does not read.
    stdin.on("error", () => undefined);
    child.once("spawn", () => {
      if (pid === undefined) return;
      const third: unknown = child.stdio[3];
      if (start.third !== null && isWritable(third)) {
        third.on("error", () => undefined);
        third.end(start.third);
      }
      if (signal.aborted) onAbort();
      resolve({
        pid,
        send(frame) {
          if (!stdin.writable || stdin.writableLength > MAX_UNREAD) return false;
          stdin.write(encodeFrame(frame));
          return true;
        },
        frames: readFrames(stdout),
        stdout,
        endInput: () => void stdin.end(),
        stderr: tail,
        kill: async () => {
          stop("killed");
          stdout.destroy();
          await exited;
        },
        exited,
      });
    });
  });
}

const isWritable = (stream: unknown): stream is Writable =>
  typeof stream === "object" && stream !== null && "end" in stream && "write" in stream;

function ringOf(stream: NodeJS.ReadableStream): () => string {
  let held = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    if (held.byteLength > MAX_STDERR) held = Buffer.from(held.subarray(held.byteLength - MAX_STDERR));
  });
  stream.on("error", () => undefined);
  return () => held.toString("utf8");
}

/** Of the program and what it started, where the system says. */
function residentMb(pid: number): number {
  let pages = 0;
  for (const each of [pid, ...descendants(pid).map((row) => row.pid)]) {
    try {
      pages += Number(readFileSync(`/proc/${each}/statm`, "latin1").split(" ")[1] ?? 0);
    } catch {
      // It has ended, or this system has no /proc.
    }
  }
  return (pages * 4_096) / MB;
}
