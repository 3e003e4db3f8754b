import type { Clock } from "../ports.ts";

/** Work that may run before others are let in: short enough that nobody who asks something feels it. */
const SLICE_MS = 5;

export interface Turns {
  /** Runs one piece of work that holds the thread, after whoever asked before. */
  run<T>(work: () => T): Promise<T>;
}

/**
 * What the doors are fed takes turns with everything else: pieces of work run one after the other, and
 * after each slice of time the event loop is let go once, so that however many requests came in
 * together, an answer to a person or a supervisor waits for one piece and not for all.
 */
export function createTurns(deps: {
  readonly clock: Pick<Clock, "now">;
  readonly nextTurn: () => Promise<void>;
  /** While a batch is being written that other threads wait behind, no long work may come between. */
  readonly mustWait: () => boolean;
}): Turns {
  let last: Promise<unknown> = Promise.resolve();
  let since = deps.clock.now();
  let waiting = 0;

  async function inTurn<T>(work: () => T): Promise<T> {
    if (deps.clock.now() - since >= SLICE_MS) await letGo();
    while (deps.mustWait()) await letGo();
    return work();
  }

  async function letGo(): Promise<void> {
    await deps.nextTurn();
    since = deps.clock.now();
  }

  return {
    run(work) {
      // Nobody before us, and the slice has only begun: most events need not wait at all.
      if (waiting === 0) since = deps.clock.now();
      waiting += 1;
      const mine = last.then(() => inTurn(work));
      last = mine.then(
        () => (waiting -= 1),
        () => (waiting -= 1),
      );
      return mine;
    },
  };
}
