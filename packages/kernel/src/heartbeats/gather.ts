import type { Clock } from "../ports.ts";

/** So many go by themselves at once; then one more each time that this long has passed. */
const AT_ONCE = 10;
const EACH_MS = 100;
/** Taken together at most, so that one unit never holds up the next for long. */
const MOST = 256;

/** Carries out what was gathered; for each that it is given, what comes of it. */
type Together<In, Out> = (given: readonly In[]) => readonly Promise<Out>[];

/**
 * Answers at once while little comes in, and ten times a second when much does: what came in between is carried out
 * together, so that ten thousand jobs cost ten commits a second and none waits longer than a tenth of one.
 */
export function createGather<In, Out>(
  clock: Pick<Clock, "now" | "after">,
  together: Together<In, Out>,
): (given: In) => Promise<Out> {
  let waiting: { readonly given: In; settle(end: Promise<Out>): void }[] = [];
  let isWaiting = false;
  let left = AT_ONCE;
  let countedAt = clock.now();

  function mayGo(): boolean {
    const now = clock.now();
    const passed = now - countedAt;
    // A clock that was set back is counted from anew.
    const more = passed < 0 ? 0 : Math.floor(passed / EACH_MS);
    countedAt = more >= AT_ONCE || passed < 0 ? now : countedAt + more * EACH_MS;
    left = Math.min(AT_ONCE, left + more);
    return left > 0;
  }

  function go(): void {
    left -= 1;
    const taken = waiting.splice(0, MOST);
    const ends = together(taken.map(({ given }) => given));
    for (const [at, end] of ends.entries()) taken[at]?.settle(end);
  }

  function goOn(): void {
    if (mayGo()) go();
    isWaiting = waiting.length > 0;
    if (isWaiting) clock.after(Math.max(1, countedAt + EACH_MS - clock.now()), goOn);
  }

  return (given) =>
    new Promise((resolve) => {
      waiting.push({ given, settle: resolve });
      if (isWaiting) return;
      // Whatever comes in the same turn goes with it.
      isWaiting = true;
      queueMicrotask(goOn);
    });
}
