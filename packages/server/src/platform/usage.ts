import { readFileSync } from "node:fs";
import { descendants, isProcHere } from "./processes.ts";

/** What /proc counts time in, whatever the kernel's own tick is (USER_HZ). */
const TICKS_PER_SECOND = 100;

export interface Usage {
  readonly rss_bytes: number;
  /** Used of the processor since each of them began. */
  readonly cpu_ms: number;
}

/** Of a process and all that it started; null when it has ended, or where the system cannot be asked cheaply. */
export function usageOf(pid: number): Usage | null {
  if (!isProcHere()) return null;
  const own = readOne(pid);
  if (own === null) return null;
  let { rss_bytes, cpu_ms } = own;
  for (const child of descendants(pid)) {
    const used = readOne(child.pid);
    rss_bytes += used?.rss_bytes ?? 0;
    cpu_ms += used?.cpu_ms ?? 0;
  }
  return { rss_bytes, cpu_ms };
}

/** proc_pid_stat(5) and proc_pid_status(5); pages differ in size between machines, VmRSS does not. */
function readOne(pid: number): Usage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const rest = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(rest[11]) + Number(rest[12]);
    const [, kib = "0"] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
    return { rss_bytes: Number(kib) * 1024, cpu_ms: (ticks / TICKS_PER_SECOND) * 1000 };
  } catch {
    // It has ended meanwhile.
    return null;
  }
}
