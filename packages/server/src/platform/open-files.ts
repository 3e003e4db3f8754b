import { readFileSync } from "node:fs";

/** How many files and sockets this process may have open; null where the system does not say. */
export function openFilesLimit(): number | null {
  try {
    const [, soft] = /^Max open files +(\d+) /m.exec(readFileSync("/proc/self/limits", "latin1")) ?? [];
    return soft === undefined ? null : Number(soft);
  } catch {
    return null;
  }
}
