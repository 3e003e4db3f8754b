import { chmodSync, closeSync, constants, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const SQLITE_BUSY = 5;

/**
 * Locks a file, making it when it is missing; null when another process has it. The lock is one on
 * a small SQLite file: the system lets it go with the process, also after kill -9.
 */
export function lockFile(path: string): { close(): void } | null {
  // Made with its mode before SQLite does, and never through somebody's link.
  closeSync(openSync(path, constants.O_CREAT | constants.O_RDWR | constants.O_NOFOLLOW, 0o600));
  chmodSync(path, 0o600);
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec("pragma journal_mode = memory; pragma locking_mode = exclusive; begin exclusive");
    return lock;
  } catch (cause) {
    lock.close();
    if (cause instanceof Error && "errcode" in cause && cause.errcode !== SQLITE_BUSY) throw cause;
    return null;
  }
}
