import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The command as people start it. */
export const BIN = fileURLToPath(new URL("../bin/prunella.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real command in a process of its own, without a terminal and without our environment's token. */
export function prunella(
  args: readonly string[],
  { cwd, input }: { cwd?: string; input?: string } = {},
): Promise<Ended> {
  return startPrunella(args, { cwd, input }).ended;
}

export interface Started {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Resolves when the process itself is gone; what it started may still hold its output open. */
  readonly gone: Promise<void>;
  readonly out: () => Pick<Ended, "stdout" | "stderr">;
  /** Waits until either output matches; fails when the process ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  signal(signal: NodeJS.Signals): void;
}

export function startPrunella(
  args: readonly string[],
  { cwd, input }: { cwd?: string | undefined; input?: string | undefined } = {},
): Started {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { ...process.env, PRUNELLA_TOKEN: undefined, NO_COLOR: "1" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => undefined).end(input ?? "");
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (stderr += text));
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let hasEnded = false;
  const ended = new Promise<Ended>((resolve) =>
    child.once("close", (code) => {
      hasEnded = true;
      resolve({ code, stdout, stderr });
    }),
  );
  return {
    pid: child.pid ?? -1,
    ended,
    gone,
    out: () => ({ stdout, stderr }),
    async until(pattern) {
      for (;;) {
        const found = pattern.exec(stdout) ?? pattern.exec(stderr);
        if (found) return found;
        if (hasEnded) throw new Error(`ended before ${pattern}: ${stdout}${stderr}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    signal: (signal) => void child.kill(signal),
  };
}

/** Members of what a command printed as JSON, for tests that look at a few of them. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

export function text(value: unknown, name: string): string {
  const found = field(value, name);
  return typeof found === "string" ? found : "";
}

export function list(value: unknown, name: string): readonly unknown[] {
  const found = field(value, name);
  return Array.isArray(found) ? found : [];
}
