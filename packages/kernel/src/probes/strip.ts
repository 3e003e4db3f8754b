import type { ProbeStatus, StripCell } from "@prunella/contract";

/** A day in quarters of an hour: fine enough for an eye, small enough to stand in one column. */
const CELL_MS = 900_000;
const CELLS = 96;

/** One letter a cell, the newest last; a blank is a quarter in which nobody looked. Better ones first. */
const LETTERS = " ?hdu";
const STATUS: Readonly<Record<string, ProbeStatus | null>> = {
  " ": null,
  "?": "unknown",
  h: "healthy",
  d: "degraded",
  u: "unhealthy",
};
const LETTER: Readonly<Record<ProbeStatus, string>> = { unknown: "?", healthy: "h", degraded: "d", unhealthy: "u" };

export interface Strip {
  readonly strip: string;
  /** Which quarter since the epoch the last letter stands for. */
  readonly strip_at: number;
}

/** What was found now goes into its quarter, where the worst stays; `between` stands in those without a look. */
export function mark({ strip, strip_at }: Strip, status: ProbeStatus, now: number, between: ProbeStatus | null): Strip {
  const cell = Math.floor(now / CELL_MS);
  const letter = LETTER[status];
  // A clock that was set back writes into the last quarter there is.
  const gap = Math.max(0, cell - strip_at);
  if (strip === "" || gap >= CELLS) {
    const before = strip === "" || between === null ? "" : LETTER[between].repeat(CELLS - 1);
    return { strip: before + letter, strip_at: cell };
  }
  if (gap === 0) return { strip: strip.slice(0, -1) + worse(strip.at(-1) ?? " ", letter), strip_at };
  const filler = (between === null ? " " : LETTER[between]).repeat(gap - 1);
  return { strip: (strip + filler + letter).slice(-CELLS), strip_at: cell };
}

/** The day until `now`, oldest first, always of the same length. */
export function toCells({ strip, strip_at }: Strip, now: number, between: ProbeStatus | null): StripCell[] {
  const last = Math.max(strip_at, Math.floor(now / CELL_MS));
  const filler = strip === "" || between === null ? " " : LETTER[between];
  return Array.from({ length: CELLS }, (_, at) => {
    const cell = last - CELLS + 1 + at;
    const back = strip_at - cell;
    const letter = back < 0 ? filler : (strip[strip.length - 1 - back] ?? " ");
    return { at: cell * CELL_MS, status: STATUS[letter] ?? null };
  });
}

const worse = (a: string, b: string): string => (LETTERS.indexOf(a) >= LETTERS.indexOf(b) ? a : b);
