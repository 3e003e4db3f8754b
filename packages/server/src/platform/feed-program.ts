import { spawn } from "node:child_process";
import { endGroup } from "./processes.ts";

/** Its end, or null when it took too long and was killed, as far as this user may kill it. */
export interface Fed {
  readonly code: number | null;
  readonly isLate: boolean;
}

/**
 * Runs a program without a shell, gives it a text on its input and waits for its end, at most so long; what it
 * prints is dropped. Rejects when it cannot be started.
 */
export function feedProgram(
  command: readonly string[],
  text: string,
  given: { readonly cwd: string; readonly env: Readonly<Record<string, string>>; readonly ms: number },
): Promise<Fed> {
  const [program = "", ...rest] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      cwd: given.cwd,
      env: given.env,
      stdio: ["pipe", "ignore", "ignore"],
      detached: process.platform !== "win32",
    });
    const timer = setTimeout(() => {
      // With what it started: a shell script's own child would go on otherwise.
      endGroup(child.pid);
      // One that runs as another user cannot be ended, and is not waited for.
      child.unref();
      child.stdin.destroy();
      resolve({ code: null, isLate: true });
    }, given.ms);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, isLate: false });
    });
    // One that reads nothing is no failure of ours.
    child.stdin.on("error", () => undefined);
    child.stdin.end(text);
  });
}
