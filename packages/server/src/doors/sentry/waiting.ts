import { setTimeout as sleep } from "node:timers/promises";

/** A short wait for what comes by another connection at the same moment. */
export interface Waiting {
  /** True when it waited; false when too many wait already. */
  pause(): Promise<boolean>;
}

/** An SDK that is told to flush sends logs and events at once, and either may be here first. */
const PAUSE_MS = 250;
/** What waits holds its memory. In a storm nobody does. */
const WAITING_MAX = 32;

export function createWaiting(): Waiting {
  let count = 0;
  return {
    async pause() {
      if (count >= WAITING_MAX) return false;
      count += 1;
      try {
        await sleep(PAUSE_MS);
      } finally {
        count -= 1;
      }
      return true;
    },
  };
}
