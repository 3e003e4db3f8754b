import type { Clock } from "@prunella/kernel";

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    // Longer waits than a timer can hold are simply looked at again.
    const timer = setTimeout(callback, Math.min(ms, 2_147_483_647));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
