import type { Frame } from "@prunella/contract";

/** Frames as they are shown: alone, or a run that stands there many times in a row. */
export type Shown = { frames: { frame: Frame; index: number }[]; times: number };

/** Longer rounds of recursion than this are not looked for: each length costs a pass. */
const LONGEST_ROUND = 12;
/** Twice may be chance, and costs a reader nothing. */
const FEWEST = 3;

const same = (a: Frame | undefined, b: Frame | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.function === b.function &&
  a.filename === b.filename &&
  a.module === b.module &&
  a.line === b.line;

/** Folds what follows itself: `walk` 400 times, or `visit`, `walk` 200 times. The shortest round wins. */
export function foldFrames(frames: readonly Frame[]): Shown[] {
  const out: Shown[] = [];
  for (let at = 0; at < frames.length;) {
    const { length, times } = roundAt(frames, at);
    out.push({ frames: frames.slice(at, at + length).map((frame, place) => ({ frame, index: at + place })), times });
    at += length * times;
  }
  return out;
}

function roundAt(frames: readonly Frame[], at: number): { length: number; times: number } {
  for (let length = 1; length <= LONGEST_ROUND && at + length * FEWEST <= frames.length; length++) {
    let equal = 0;
    while (same(frames[at + equal], frames[at + equal + length])) equal++;
    const times = Math.floor(equal / length) + 1;
    if (times >= FEWEST) return { length, times };
  }
  return { length: 1, times: 1 };
}
