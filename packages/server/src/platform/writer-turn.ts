import type { Turn } from "@prunella/kernel";

/** Who may write to the embedded database: the main thread and one more. */
export type Side = "main" | "other";

export interface SharedTurn extends Turn {
  /** Of a thread that has ended, whatever it held or waited for. */
  forfeit(side: Side): void;
}

const NUMBER: Readonly<Record<Side, number>> = { main: 1, other: 2 };
const FREE = 0;
/** Cells: who has it; who had it last; who waits, by number. */
const HOLDER = 0;
const LAST = 1;
const WAITS = 1;
const CELLS = 4;

/** How long one that had it last lets the other go first: a thread that is busy elsewhere must not hold up decisions. */
const COURTESY_MS = 5;

export const newTurn = (): SharedArrayBuffer => new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT);

/**
 * The embedded database has one writer at a time, and its own waiting would stop an event loop for as
 * long as another thread syncs its disk. Threads take turns by shared memory instead and wait as a
 * promise. It is never handed to one that is not awake to take it.
 */
export function openTurn(memory: SharedArrayBuffer, side: Side): SharedTurn {
  const cells = new Int32Array(memory);
  const me = NUMBER[side];
  const other = 3 - me;
  let isMine = false;

  async function changed(cell: number, from: number, ms?: number): Promise<void> {
    const waiting = Atomics.waitAsync(cells, cell, from, ms);
    if (waiting.async) await waiting.value;
  }

  return {
    get isMine() {
      return isMine;
    },
    async take() {
      Atomics.store(cells, WAITS + me, 1);
      if (Atomics.load(cells, LAST) === me && Atomics.load(cells, WAITS + other) === 1)
        await changed(LAST, me, COURTESY_MS);
      for (;;) {
        const holder = Atomics.compareExchange(cells, HOLDER, FREE, me);
        if (holder === FREE) break;
        await changed(HOLDER, holder);
      }
      isMine = true;
      Atomics.store(cells, WAITS + me, 0);
      Atomics.store(cells, LAST, me);
      Atomics.notify(cells, LAST);
    },
    release() {
      isMine = false;
      Atomics.store(cells, HOLDER, FREE);
      Atomics.notify(cells, HOLDER);
    },
    forfeit(ended) {
      const number = NUMBER[ended];
      Atomics.store(cells, WAITS + number, 0);
      if (Atomics.compareExchange(cells, HOLDER, number, FREE) === number) Atomics.notify(cells, HOLDER);
    },
  };
}
