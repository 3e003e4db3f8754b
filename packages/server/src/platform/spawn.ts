import { spawn as spawnChild } from "node:child_process";
import { existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { inheritedEnvironment, type Inherits } from "./program-environment.ts";
import { descendants, isGoneOrForbidden, signalAll } from "./processes.ts";

export interface SpawnRequest {
  /** Program and arguments; no shell. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** What it gets of the environment of this process. */
  readonly inherits: Inherits;
  /** Beside that. */
  readonly env: Readonly<Record<string, string>>;
  /** `inherit`: the program has our stdin and stdout. `pipe`: no stdin, and stdout comes as a stream. */
  readonly stdio: "inherit" | "pipe";
  /**
   * Whether it stays in our session and process group, and so keeps the terminal: it can open
   * /dev/tty, and Ctrl-C, Ctrl-\, Ctrl-Z and changes of the window's size reach it from there.
   */
  readonly sharesTerminal: boolean;
}

export interface Exit {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Spawned {
  readonly pid: number;
  /** null with `inherit`. */
  readonly stdout: Readable | null;
  readonly stderr: Readable;
  /** Resolves when the program itself has ended; what it started may still hold stderr open. */
  readonly exit: Promise<Exit>;
  /**
   * To the program and everything in its process group, or what it started where it shares ours. A
   * program that is gone is no error.
   */
  kill(signal: NodeJS.Signals): void;
}

/** Rejects with {@link SpawnFailure} when the program cannot be started. */
export type Spawn = (request: SpawnRequest) => Promise<Spawned>;

export class SpawnFailure extends Error {
  override readonly name = "SpawnFailure";
  readonly reason: "not_found" | "not_executable" | "no_such_folder" | "other";

  constructor(reason: SpawnFailure["reason"], message: string, cause: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

const HAS_GROUPS = process.platform !== "win32";

/**
 * Starts a program as the leader of its own session, so that what it starts can be found and ended
 * with it; unless it shares our terminal, which only a program of our session can have. The thread
 * stands until the program is loaded; see spawn-thread.ts for one that has other things to do.
 */
export const spawnProgram: Spawn = (request) => launch(request, environmentOf(request));

/** All that the program gets. */
export function environmentOf({ inherits, env }: SpawnRequest): Record<string, string> {
  const all = Object.entries({ ...inheritedEnvironment(inherits), ...env });
  return Object.fromEntries(all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

export type Launch = Omit<SpawnRequest, "inherits" | "env">;

export function launch(request: Launch, env: Readonly<Record<string, string>>): Promise<Spawned> {
  return new Promise((resolve, reject) => {
    const { command, cwd, stdio } = request;
    const [program = "", ...args] = command;
    const io = stdio === "inherit" ? "inherit" : "pipe";
    const child = spawnChild(program, args, {
      cwd,
      env,
      stdio: [stdio === "inherit" ? "inherit" : "ignore", io, "pipe"],
      detached: isLeader(request),
    });
    const exit = new Promise<Exit>((ended) => child.once("exit", (code, signal) => ended({ code, signal })));
    child.once("error", (error) => reject(failure(program, cwd, error)));
    child.once("spawn", () => {
      const { pid, stderr, stdout } = child;
      if (pid === undefined || stderr === null)
        return reject(new SpawnFailure("other", `${program} did not start.`, null));
      // Later errors are about signals that could not be delivered; the exit says what came of it.
      child.on("error", () => undefined);
      resolve({ pid, stdout, stderr, exit, kill: killerOf(request, pid) });
    });
  });
}

const isLeader = ({ sharesTerminal }: Pick<Launch, "sharesTerminal">): boolean => HAS_GROUPS && !sharesTerminal;

export function killerOf(request: Pick<Launch, "sharesTerminal">, pid: number): Spawned["kill"] {
  return (signal) => (isLeader(request) ? killGroup(pid, signal) : killWithDescendants(pid, signal));
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  send(-pid, signal);
}

/** What it started is looked up before it may end: nothing leads from it to them afterwards. */
function killWithDescendants(pid: number, signal: NodeJS.Signals): void {
  const started = descendants(pid);
  send(pid, signal);
  signalAll(started, signal);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isGoneOrForbidden(error)) throw error;
  }
}

function failure(program: string, cwd: string, error: Error): SpawnFailure {
  if (!existsSync(cwd)) return new SpawnFailure("no_such_folder", `The folder ${cwd} does not exist.`, error);
  if (codeOf(error) === "ENOENT") return new SpawnFailure("not_found", `There is no program ${program}.`, error);
  if (codeOf(error) === "EACCES") return new SpawnFailure("not_executable", `${program} may not be executed.`, error);
  return new SpawnFailure("other", `${program} did not start (${codeOf(error) ?? "unknown"}).`, error);
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
