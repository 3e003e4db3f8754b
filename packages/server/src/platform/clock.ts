import type { Clock } from "@prunella/kernel";

/** The longest wait that one timer can hold. */
const MAX_WAIT_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const due = Date.now() + ms;
    let timer: NodeJS.Timeout;
    const arm = (wait: number): void => {
      timer = setTimeout(
        () => {
          // Timers may fire a millisecond early by the clock, and long waits come in pieces.
          const left = due - Date.now();
          if (left > 0) arm(left);
          else callback();
        },
        Math.min(wait, MAX_WAIT_MS),
      );
      timer.unref();
    };
    arm(ms);
    return () => clearTimeout(timer);
  },
};
