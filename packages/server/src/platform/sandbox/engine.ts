import { z } from "zod";
import type { Exit } from "../spawn.ts";

/** What a sandbox promises, one by one; `prunella doctor` says of each whether this machine keeps it. */
export const RULES = {
  imports: "reads no file by an import but its own bundle",
  remote_imports: "loads no code by URL, npm: or jsr:",
  files: "reads and writes no file but its own bundle",
  shared_storage: "keeps nothing that another plugin or its next run can read",
  memory: "takes no more memory than its limit, on the heap or beside it",
  network: "opens no connection and listens nowhere, this machine included",
  environment: "sees no variable of the host",
  processes: "starts no process and loads no library",
  machine: "learns nothing of the host's users, processes and devices",
  stdout: "cannot drown the host in output, or send what is no frame",
  time: "ends at its deadline with everything that it started",
} as const;
export type Rule = keyof typeof RULES;

const State = z.enum(["enforced", "unenforced"]);
/** Each of them, and none missing. */
export const Enforced = z.record(z.enum(keysOf(RULES)), State);
export const RULE_NAMES = keysOf(RULES);

/** Every rule alike. */
export const allRules = (state: z.infer<typeof State>): EngineReport["enforced"] =>
  Enforced.parse(Object.fromEntries(RULE_NAMES.map((rule) => [rule, state])));

function keysOf<Key extends string>(of: Readonly<Record<Key, unknown>>): Key[] {
  const isKey = (key: string): key is Key => Object.hasOwn(of, key);
  return Object.keys(of).filter(isKey);
}

export type EngineName = "deno" | "deno+bwrap" | "node+bwrap";

export interface EngineReport {
  readonly engine: EngineName;
  /** Whether it starts at all. */
  readonly isAvailable: boolean;
  readonly enforced: Readonly<z.infer<typeof Enforced>>;
  /** Why it cannot start, or which rules it does not keep; null when all is well. */
  readonly reason: string | null;
  /** The one thing to do about it. */
  readonly mend: string | null;
}

export interface SandboxLimits {
  readonly memoryMb: number;
  readonly cpuSeconds: number;
  /** Of the process, not of one invocation. */
  readonly wallMs: number;
}

export interface LaunchSpec {
  /** Absolute path of the one ESM file. */
  readonly bundle: string;
  /** `sha256:…` of its bytes, compared at every launch. */
  readonly digest: string;
  readonly limits: SandboxLimits;
  /** A folder of this plugin and digest alone; what a run leaves in it is taken away at its end. */
  readonly workDir: string;
}

/** Why a process ended that did not end by itself. */
export type Ended = "killed" | "wall" | "memory" | null;

export interface SandboxedProcess {
  readonly pid: number;
  /** False when it is gone, or holds so much that it does not read. */
  send(frame: object): boolean;
  /** What it says, as it came; throws {@link FrameError} at the first thing that is no frame. */
  readonly frames: AsyncIterable<unknown>;
  /** Its last 64 KiB, not scrubbed. */
  stderr(): string;
  /** Resolves when nothing of it runs any more and its files are gone. */
  kill(): Promise<void>;
  readonly exited: Promise<Exit & { readonly ended: Ended }>;
}

export interface SandboxEngine {
  readonly name: EngineName;
  /** Whether it starts, by starting it. What it keeps is found out by the self-test. */
  probe(
    signal: AbortSignal,
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string; readonly mend: string }>;
  /** Rejects with {@link LaunchError}. */
  launch(spec: LaunchSpec, signal: AbortSignal): Promise<SandboxedProcess>;
}

export class LaunchError extends Error {
  override readonly name = "LaunchError";
  readonly reason: "artifact_changed" | "artifact_missing" | "not_started";

  constructor(reason: LaunchError["reason"], message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}
