import type { Reached } from "@prunella/contract";

/** A process has four threads that reach for files and look up names; half of them may hang. */
const MOST_HUNG = 2;

export interface PathLooks {
  /** So much hangs that what is looked at next would leave no thread to others. */
  readonly isFull: boolean;
  /** One look at a path; `begin` may take for ever. */
  look<T>(this: void, path: string, signal: AbortSignal, begin: () => Promise<Reached<T>>): Promise<Reached<T>>;
}

/**
 * Looks at paths whose file system may hang. A thread that reaches into one is lost for as long as it hangs, so a
 * path that did not answer in time is not reached for again before it has: whoever asks hears so at once.
 */
export function createPathLooks(): PathLooks {
  const hung = new Set<string>();
  /** Looks of this process that are not over, hung ones among them, and who waits for a place. */
  let underWay = 0;
  const waiting: (() => void)[] = [];
  const callNext = (count = 1) => waiting.splice(0, count).forEach((call) => call());

  /**
   * Also those that will turn out to hang take a thread each: no more than that many begin here at a time. Says
   * whether a place here was taken; where so much hangs that `isFull`, `begin` looks elsewhere and needs none.
   */
  async function place(signal: AbortSignal): Promise<boolean> {
    while (underWay >= MOST_HUNG && hung.size < MOST_HUNG && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
      await promise;
    }
    const isHere = hung.size < MOST_HUNG && !signal.aborted;
    if (isHere) underWay += 1;
    return isHere;
  }

  return {
    get isFull() {
      return hung.size >= MOST_HUNG;
    },
    async look(path, signal, begin) {
      if (hung.has(path)) return late(path);
      const isHere = await place(signal);
      if (signal.aborted || hung.has(path)) {
        if (isHere) underWay -= 1;
        callNext();
        return late(path);
      }
      const looking = begin();
      let isOver = false;
      const over = () => {
        isOver = true;
        hung.delete(path);
        if (isHere) underWay -= 1;
        callNext();
      };
      looking.then(over, over);
      const { promise: tooLate, resolve } = Promise.withResolvers<void>();
      const onAbort = () => {
        if (!isOver) hung.add(path);
        if (hung.size >= MOST_HUNG) callNext(waiting.length);
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
