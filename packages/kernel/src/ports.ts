/** What the kernel is given instead of reaching for it; the server's `platform` makes the real ones. */
export interface Clock {
  /** Epoch milliseconds, UTC, integer. */
  now(): number;
  /** Calls back once after at least `ms`; the returned function cancels. Must not keep the process alive. */
  after(ms: number, callback: () => void): () => void;
}

/** Cron patterns of five fields and IANA time zones. Each answer follows from `at`, epoch milliseconds, alone. */
export interface Calendar {
  isZone(zone: string): boolean;
  isPattern(pattern: string, zone: string): boolean;
  /** The last moment of a pattern that is not after `at`; null when it never was. */
  lastBegin(pattern: string, zone: string, at: number): number | null;
  /** The first one after `at`; null when there is none. */
  nextBegin(pattern: string, zone: string, at: number): number | null;
  /** How far the zone's clocks are ahead of UTC. */
  offsetMs(zone: string, at: number): number;
}

export interface Rng {
  /** `size` unpredictable bytes. */
  bytes(size: number): Uint8Array;
}

/** Told of the kernel's own work, for whoever watches it; nothing here is read back. */
export interface Meter {
  /** Events that a commit holds: new ones, and those that had been counted before. */
  appended(counted: number, duplicates: number): void;
  lost(reason: string, quantity: number): void;
  /** A batch of the writer queue begins; the returned function tells its end. */
  batch(units: number): () => void;
}

/** What the kernel has to tell an operator; text in here is of our own making. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
}
