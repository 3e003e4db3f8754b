import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * Whether what is typed in the terminal (Ctrl-C, Ctrl-\) goes to the process group of this process,
 * and so to every program in it as well.
 */
export function isForeground(): boolean {
  const [group, foreground] = groups();
  return group !== undefined && group === foreground;
}

/** Whether somebody gave this process a group of its own: a job of an interactive shell, or setsid. */
export const leadsGroup = (): boolean => groups()[0] === process.pid;

/** Our process group, and that of the terminal; nothing where the system does not say. */
function groups(): [number?, number?] {
  try {
    if (process.platform === "linux") {
      const text = readFileSync("/proc/self/stat", "latin1");
      const rest = text.slice(text.lastIndexOf(")") + 2).split(" ");
      return [Number(rest[2]), Number(rest[5])];
    }
    if (process.platform === "win32") return [];
    const text = execFileSync("ps", ["-p", String(process.pid), "-o", "pgid=", "-o", "tpgid="], { encoding: "utf8" });
    const [group, foreground] = text.trim().split(/\s+/).map(Number);
    return group === undefined || foreground === undefined ? [] : [group, foreground];
  } catch {
    return [];
  }
}
