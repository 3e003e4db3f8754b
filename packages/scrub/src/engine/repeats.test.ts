import { expect, it } from "vitest";
import { createRepeats } from "./repeats.ts";

it("says of every window and shift what comparing the two pieces says, in any order of asking", () => {
  const text = `${"abcab".repeat(12)}x${"abc".repeat(20)}${"ab".repeat(9)}abc`;
  let state = 7;
  const any = (most: number): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % most;
  const seen = new Set<boolean>();
  for (let round = 0; round < 40; round++) {
    const repeats = createRepeats(text);
    for (let ask = 0; ask < 200; ask++) {
      const by = any(25) - 12;
      const lo = 12 + any(text.length - 60);
      const hi = lo + 5 + any(30);
      const expected = text.slice(lo, hi) === text.slice(lo - by, hi - by);
      seen.add(expected);
      expect(repeats(by, lo, hi), `${by} ${lo} ${hi}`).toBe(expected);
    }
  }
  expect(seen.size).toBe(2);
});
