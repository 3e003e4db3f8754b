import type { Channel } from "@prunella/kernel";
import type { Life, Schedule } from "./schedule.ts";

/** Texts between processes, in any order, each when it is chosen; some get lost, and whoever lost one may hear of a gap. */
export function createChannels(schedule: Schedule, isLost: () => boolean): (life: Life) => Channel {
  const listeners = new Map<Life, { onText: (text: string) => void; onGap: () => void }>();
  return (life) => ({
    async send(text) {
      for (const [other, listener] of listeners) {
        if (other.isOver) listeners.delete(other);
        else if (isLost()) void schedule.turn(other, 5_000).then(listener.onGap);
        else void schedule.turn(other).then(() => listener.onText(text));
      }
    },
    listen(onText, onGap) {
      listeners.set(life, { onText, onGap });
      return async () => void listeners.delete(life);
    },
  });
}
