/**
 * A Ctrl-C under `npm start` or `npx` arrives twice: from the terminal, and again from npm, which
 * passes it on. Only one that comes this long after another is a person's next.
 */
const ECHO_MS = 500;

/** Counts the times that a person asked for an end, whatever the signal; null for an echo. */
export function createStopCounter(): (at: number) => number | null {
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  return (at) => {
    if (at - last < ECHO_MS) return null;
    last = at;
    count += 1;
    return count;
  };
}

/** Within so long, Ctrl-C again means the one before. */
const PATIENCE_MS = 5_000;

/**
 * Counts Ctrl-C in a terminal that belongs to the program, which may have a use of its own for it:
 * a shell or a database client gets it all day. Only three in a row ask us.
 */
export function createInterruptCounter(): (at: number) => number | null {
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  return (at) => {
    const since = at - last;
    if (since < ECHO_MS) return null;
    last = at;
    count = since > PATIENCE_MS ? 1 : count + 1;
    return count;
  };
}
