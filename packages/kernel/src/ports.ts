/** What the kernel is given instead of reaching for it; the server's `platform` makes the real ones. */
export interface Clock {
  /** Epoch milliseconds, UTC, integer. */
  now(): number;
  /** Calls back once after at least `ms`; the returned function cancels. Must not keep the process alive. */
  after(ms: number, callback: () => void): () => void;
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
