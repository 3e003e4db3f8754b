import { spawn } from "node:child_process";

/** Its end, or null when it was killed because it took too long. */
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
  const hasGroups = process.platform !== "win32";
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      cwd: given.cwd,
      env: given.env,
      stdio: ["pipe", "ignore", "ignore"],
      detached: hasGroups,
    });
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      // With what it started: a shell script's own child would go on otherwise.
      if (hasGroups && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      else child.kill("SIGKILL");
    }, given.ms);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code: isLate ? null : code, isLate });
    });
    // One that reads nothing is no failure of ours.
    child.stdin.on("error", () => undefined);
    child.stdin.end(text);
  });
}
