import { PrunellaError, type ErrorCode } from "@prunella/contract";
import type { Clock } from "@prunella/kernel";

/** These say that the owner is not there now, or is another one than before; time mends them. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "PRUNELLA_SERVER_NOT_FOUND",
  "PRUNELLA_SIGN_IN_REQUIRED",
  "PRUNELLA_INGEST_BUSY",
  "PRUNELLA_INTERNAL",
  "PRUNELLA_DATABASE_UNREACHABLE",
]);

const FIRST_WAIT_MS = 250;
/** Short enough that a restarted owner is noticed soon, long enough to cost nothing overnight. */
const LONGEST_WAIT_MS = 5_000;

export interface InsistDeps {
  readonly clock: Clock;
  /** Aborted when nothing more is to be asked. */
  readonly signal: AbortSignal;
  /** Told at the first failure of a row, and when it works again. */
  readonly onLost: () => void;
  readonly onFound: () => void;
}

export const STOPPED: unique symbol = Symbol("stopped");
export type Insisted<T> = { value: T } | { error: PrunellaError; wasRepeated: boolean } | typeof STOPPED;

/**
 * Asks until the owner answers, with growing waits. An answer that time cannot mend is thrown;
 * {@link STOPPED} when the signal came first. `wasRepeated` tells that an earlier try may have
 * arrived although its answer did not.
 */
export async function insist<T>(ask: () => Promise<T>, deps: InsistDeps): Promise<Insisted<T>> {
  for (let tries = 0; ; tries += 1) {
    if (deps.signal.aborted) return STOPPED;
    try {
      const value = await unlessAborted(ask(), deps.signal);
      if (value === STOPPED) return STOPPED;
      if (tries > 0) deps.onFound();
      return { value };
    } catch (thrown) {
      const error =
        thrown instanceof PrunellaError ? thrown : new PrunellaError("PRUNELLA_INTERNAL", { cause: thrown });
      if (!PASSING.has(error.code)) return { error, wasRepeated: tries > 0 };
      if (tries === 0) deps.onLost();
    }
    await sleep(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(tries, 10)), deps);
  }
}

/** Resolves after `ms`, or at once when the signal comes. */
export function sleep(ms: number, { clock, signal }: Pick<InsistDeps, "clock" | "signal">): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || ms <= 0) return resolve();
    const done = () => {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener("abort", done, { once: true });
  });
}

export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | typeof STOPPED> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve(STOPPED);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
