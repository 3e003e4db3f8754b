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

/** What the kernel has to tell an operator; text in here is of our own making. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
}
