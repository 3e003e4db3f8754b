import type { Notices } from "../../nodes/notices.ts";
import type { Clock } from "../../ports.ts";

/** What a supervisor waits for. */
interface Change {
  /** Resolves at the next notice that may concern the target, at the latest when the time is over. */
  readonly happened: Promise<void>;
  cancel(): void;
}

const TOPICS: ReadonlySet<string> = new Set(["supervised", "attempts", "escalations"]);

/** Wakes those who wait for one target: with many supervisors, nearly every notice concerns only one of them. */
export function createChanges({ notices, clock }: { notices: Notices; clock: Pick<Clock, "after"> }): {
  of(target: string, ms: number): Change;
} {
  const waiting = new Map<string, Set<() => void>>();
  const wake = (finishers: Iterable<() => void>) => [...finishers].forEach((finish) => finish());
  const wakeAll = () => wake([...waiting.values()].flatMap((finishers) => [...finishers]));
  notices.subscribe(({ topic, about }) => {
    if (!TOPICS.has(topic)) return;
    if (about === undefined) wakeAll();
    else wake(waiting.get(about) ?? []);
  });
  notices.onGap(wakeAll);

  return {
    of(target, ms) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const finish = () => {
        cancelTimer();
        const finishers = waiting.get(target);
        finishers?.delete(finish);
        if (finishers?.size === 0) waiting.delete(target);
        resolve();
      };
      const cancelTimer = clock.after(ms, finish);
      waiting.set(target, (waiting.get(target) ?? new Set()).add(finish));
      return { happened: promise, cancel: finish };
    },
  };
}
