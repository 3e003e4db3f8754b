import { spawnSync } from "node:child_process";

/**
 * What to put before a command so that each of its fsyncs takes 10 ms longer, as on a disk that
 * really writes; null where strace is missing or may not trace. Its filter lets every other system
 * call through untouched, so only the disk is slow.
 */
export function slowDisk(): readonly string[] | null {
  const wrap = [
    "strace",
    "-f",
    "-qq",
    "--seccomp-bpf",
    "-o",
    "/dev/null",
    "-e",
    "trace=fsync,fdatasync",
    "-e",
    "inject=fsync,fdatasync:delay_exit=10000",
  ];
  const [program = "", ...args] = wrap;
  return spawnSync(program, [...args, process.execPath, "-e", "0"]).status === 0 ? wrap : null;
}
