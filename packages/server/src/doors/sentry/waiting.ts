import { setTimeout as sleep } from "node:timers/promises";

/** A short wait for what comes by another connection at the same moment. */
export interface Waiting {
  /** Reads again when something `happened` to what was read, until it is enough or the time is over; `first` when too many wait already. */
  retry<T>(
    first: T,
    again: { read: () => T; isEnough: (last: T) => boolean; happened: (last: T) => number },
  ): Promise<T>;
}

/**
 * An SDK that is told to flush sends logs and events at once. Logs are here first: JavaScript's reads the
 * sources around each frame of an event before it sends it.
 */
const STEP_MS = 100;
const STEPS = 10;
/** Reading costs more than waiting. */
const READS_MAX = 3;
/** What waits holds its memory. In a storm nobody does. */
const WAITING_MAX = 32;

export function createWaiting(): Waiting {
  let count = 0;
  return {
    async retry(first, { read, isEnough, happened }) {
      if (isEnough(first) || count >= WAITING_MAX) return first;
      count += 1;
      let last = first;
      let seen = happened(last);
      let reads = 0;
      try {
        for (let step = 0; step < STEPS && reads < READS_MAX && !isEnough(last); step += 1) {
          await sleep(STEP_MS);
          if (happened(last) === seen) continue;
          last = read();
          reads += 1;
          seen = happened(last);
        }
      } finally {
        count -= 1;
      }
      return last;
    },
  };
}
