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

/** Adds up the bytes of all who count into it; says how many there are then. */
export interface ByteCount {
  add(bytes: number): number;
}

export const newByteCount = (): SharedArrayBuffer => new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT);

/** One sum over both sides, each of which counts in a cell of its own: what a thread held goes with it. */
export function openByteCount(memory: SharedArrayBuffer, side: 0 | 1): ByteCount & { forget(side: 0 | 1): void } {
  const cells = new BigInt64Array(memory);
  return {
    add(bytes) {
      const mine = Atomics.add(cells, side, BigInt(bytes)) + BigInt(bytes);
      return Number(mine + Atomics.load(cells, 1 - side));
    },
    forget: (ended) => void Atomics.store(cells, ended, 0n),
  };
}

/**
 * Counts the bytes that all requests hold together. It refuses instead of queueing: an SDK understands
 * 429, and a queue would hold the very memory it is meant to bound.
 *
 * @example using hold = inFlight.hold(); const wire = await readWire(request, maxBytes, hold);
 */
export function createInFlight(maxBytes: number, count: ByteCount = openByteCount(newByteCount(), 0)): InFlight {
  return {
    get usedBytes() {
      return count.add(0);
    },
    hold() {
      let held = 0;
      const release = (bytes: number): void => {
        const given = Math.min(bytes, held);
        held -= given;
        if (given > 0) count.add(-given);
      };
      return {
        maxBytes,
        reserve(bytes) {
          if (count.add(bytes) > maxBytes) {
            count.add(-bytes);
            throw new PrunellaError("PRUNELLA_INGEST_BUSY", {
              detail: `${maxBytes} bytes are in flight already.`,
              hint: "Wait as long as Retry-After says.",
            });
          }
          held += bytes;
        },
        release,
        [Symbol.dispose]: () => release(held),
      };
    },
  };
}
