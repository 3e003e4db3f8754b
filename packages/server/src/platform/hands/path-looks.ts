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
  return {
    get isFull() {
      return hung.size >= MOST_HUNG;
    },
    async look(path, signal, begin) {
      if (hung.has(path)) return late(path);
      const looking = begin();
      let isOver = false;
      const over = () => {
        isOver = true;
        hung.delete(path);
      };
      looking.then(over, over);
      const { promise: tooLate, resolve } = Promise.withResolvers<void>();
      const onAbort = () => {
        if (!isOver) hung.add(path);
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
