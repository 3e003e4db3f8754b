import { PrunellaError } from "@prunella/contract";

/** What one request holds of the shared memory, from its first byte until its commit. */
export interface Hold extends Disposable {
  /** The most all holds together may reach; nothing larger can ever fit. */
  readonly maxBytes: number;
  /** @throws PRUNELLA_INGEST_BUSY when the bytes do not fit now. Nothing is held for them then. */
  reserve(bytes: number): void;
  /** Gives back part of it. */
  release(bytes: number): void;
  /** Gives back the rest; calling it twice is harmless. */
  [Symbol.dispose](): void;
}

export interface InFlight {
  readonly usedBytes: number;
  hold(): Hold;
}

/**
 * Counts the bytes that all requests hold together. It refuses instead of queueing: an SDK understands
 * 429, and a queue would hold the very memory it is meant to bound.
 *
 * @example using hold = inFlight.hold(); const body = await readBody(request, request.headers, { ...limits, hold });
 */
export function createInFlight(maxBytes: number): InFlight {
  let used = 0;
  return {
    get usedBytes() {
      return used;
    },
    hold() {
      let held = 0;
      const release = (bytes: number): void => {
        const given = Math.min(bytes, held);
        held -= given;
        used -= given;
      };
      return {
        maxBytes,
        reserve(bytes) {
          if (used + bytes > maxBytes) {
            throw new PrunellaError("PRUNELLA_INGEST_BUSY", {
              detail: `${maxBytes} bytes are in flight already.`,
              hint: "Wait as long as Retry-After says.",
            });
          }
          held += bytes;
          used += bytes;
        },
        release,
        [Symbol.dispose]: () => release(held),
      };
    },
  };
}
