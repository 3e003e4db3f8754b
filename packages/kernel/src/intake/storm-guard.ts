import type { Clock } from "../ports.ts";

export interface StormLimits {
  /** Faults never seen before, by project and minute; above it something makes them up. */
  readonly new_faults_per_minute: number;
  /** Bytes of kept bodies, by project and minute. */
  readonly stored_bytes_per_minute: number;
  /** Events waiting for their commit, over all projects. */
  readonly queue_events: number;
  /** Bytes that must stay free on the data folder's disk. */
  readonly free_disk_bytes: number;
}

export interface Pressure {
  readonly reason: "new_faults" | "stored_bytes" | "queue" | "disk";
  /** Seconds until it is worth trying again. */
  readonly retryAfterS: number;
}

export interface StormGuard {
  /** Null when events of this project may come in; asked before anything is read or written. */
  pressure(projectId: string): Pressure | null;
  /** What an append of this project added. */
  added(projectId: string, newFaults: number, storedBytes: number): void;
}

const MINUTE_MS = 60_000;
const DISK_LOOK_MS = 5_000;

/**
 * Keeps a storm from filling the disk. Counts by project in whole minutes, so one project's storm
 * is no other's silence; every door asks the same guard.
 */
export function createStormGuard(deps: {
  clock: Pick<Clock, "now">;
  limits: StormLimits;
  pending: () => number;
  /** Free bytes on the data folder's disk; null where nobody can tell. */
  freeDisk: () => number | null;
}): StormGuard {
  const { clock, limits } = deps;
  let minute = 0;
  let counts = new Map<string, { newFaults: number; storedBytes: number }>();
  let disk: { at: number; free: number | null } = { at: Number.NEGATIVE_INFINITY, free: null };

  function turn(): number {
    const now = clock.now();
    const current = Math.floor(now / MINUTE_MS);
    if (current !== minute) {
      minute = current;
      counts = new Map();
    }
    return now;
  }

  return {
    pressure(projectId) {
      const now = turn();
      if (deps.pending() >= limits.queue_events) return { reason: "queue", retryAfterS: 5 };
      if (now - disk.at >= DISK_LOOK_MS) disk = { at: now, free: deps.freeDisk() };
      if (disk.free !== null && disk.free < limits.free_disk_bytes) return { reason: "disk", retryAfterS: 60 };
      const used = counts.get(projectId);
      const retryAfterS = Math.max(1, Math.ceil(((minute + 1) * MINUTE_MS - now) / 1000));
      if (used && used.newFaults >= limits.new_faults_per_minute) return { reason: "new_faults", retryAfterS };
      if (used && used.storedBytes >= limits.stored_bytes_per_minute) return { reason: "stored_bytes", retryAfterS };
      return null;
    },
    added(projectId, newFaults, storedBytes) {
      turn();
      const used = counts.get(projectId) ?? { newFaults: 0, storedBytes: 0 };
      used.newFaults += newFaults;
      used.storedBytes += storedBytes;
      counts.set(projectId, used);
    },
  };
}
