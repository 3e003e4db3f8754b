import { readFileSync } from "node:fs";

/** Linux reports CPU time in hundredths of a second whatever its own tick is (USER_HZ, proc(5)). */
const USER_HZ = 100;

/** CPU seconds of a process and its threads so far, user and system; null where there is no /proc. */
export function cpuSeconds(pid: number): number | null {
  const text = read(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The name in brackets may hold spaces; utime and stime are the 14th and 15th field.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / USER_HZ;
}

/** The most memory that a process has held so far, MB (10^6 bytes); null where there is no /proc. */
export function peakRssMb(pid: number): number | null {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return kib === undefined ? null : (Number(kib) * 1024) / 1e6;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
