import type { Reached } from "@prunella/contract";

/** A process has four threads that reach for files and look up names; half of them may hang. */
const MOST_HUNG = 2;
/** Processes of their own that look at a time: one that hangs with its disk cannot be ended either. */
const MOST_ELSEWHERE = 8;

export type Where = "here" | "elsewhere";

export interface PathLooks {
  /** So much hangs that what is looked at next would leave no thread to others. */
  readonly isFull: boolean;
  /**
   * One look at a path; `begin` may take for ever, and ends when nothing of it is left. It is told to look elsewhere
   * where too much hangs here.
   */
  look<T>(
    this: void,
    path: string,
    signal: AbortSignal,
    begin: (where: Where) => Promise<Reached<T>>,
  ): Promise<Reached<T>>;
}

/**
 * Looks at paths whose file system may hang. A thread that reaches into one is lost for as long as it hangs, and so
 * is a process, so a path that did not answer in time is not reached for again before it has: whoever asks hears so
 * at once.
 */
export function createPathLooks(): PathLooks {
  const hung = new Map<string, Where>();
  /** Looks that are not over, hung ones among them, and who waits for a place. */
  const underWay = { here: 0, elsewhere: 0 };
  const waiting: (() => void)[] = [];
  const callNext = (count = 1) => waiting.splice(0, count).forEach((call) => call());
  const isFull = () => [...hung.values()].filter((where) => where === "here").length >= MOST_HUNG;

  /** Also those that will turn out to hang take a thread each: no more than may hang begin at a time. */
  function free(): Where | null {
    if (isFull()) return underWay.elsewhere < MOST_ELSEWHERE ? "elsewhere" : null;
    return underWay.here < MOST_HUNG ? "here" : null;
  }

  async function place(path: string, signal: AbortSignal): Promise<Where | null> {
    for (;;) {
      const where = signal.aborted || hung.has(path) ? null : free();
      if (where !== null) underWay[where] += 1;
      if (where !== null || signal.aborted || hung.has(path)) return where;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
      await promise;
    }
  }

  return {
    get isFull() {
      return isFull();
    },
    async look(path, signal, begin) {
      const where = await place(path, signal);
      if (where === null) {
        // Whoever gave up still stands in the row, and is called in the place of another.
        callNext();
        return hung.has(path) ? late(path) : BUSY;
      }
      const looking = begin(where);
      let isOver = false;
      const over = () => {
        isOver = true;
        hung.delete(path);
        underWay[where] -= 1;
        callNext();
      };
      looking.then(over, over);
      const { promise: tooLate, resolve } = Promise.withResolvers<void>();
      const onAbort = () => {
        if (!isOver) hung.set(path, where);
        if (isFull()) callNext(waiting.length);
        resolve();
      };
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
      try {
        return await Promise.race([looking, tooLate.then(() => late(path))]);
      } finally {
        signal.removeEventListener("abort", onAbort);
      }
    },
  };
}

const late = (path: string): Reached<never> => ({
  ok: false,
  category: "timeout",
  detail: `${path} did not answer in time.`,
});

/** It says nothing about the path, which was not looked at. */
export const BUSY: Reached<never> = {
  ok: false,
  category: "busy",
  detail: "Other paths hang, and hold what could look at it.",
};
