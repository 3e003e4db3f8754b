import { expect, it } from "vitest";
import { atLeast } from "./confidence.ts";

it("says what Wilson's interval says, and nothing of nothing", () => {
  expect(atLeast(0, 0)).toBeNull();
  // Worked out by hand for z² = 3.8415: 1/(1 + z²/n) of the rest.
  expect(atLeast(1, 0)).toBeCloseTo(0.2065, 4);
  expect(atLeast(10, 0)).toBeCloseTo(0.7225, 4);
  expect(atLeast(8, 2)).toBeCloseTo(0.4902, 4);
  expect(atLeast(0, 5)).toBe(0);
});

it("rises with each fix that holds, and falls with each that does not", () => {
  for (let held = 0; held < 50; held += 1) {
    expect(atLeast(held + 1, 3) ?? 0).toBeGreaterThan(atLeast(held, 3) ?? 0);
    expect(atLeast(held + 1, 4) ?? 0).toBeLessThan(atLeast(held + 1, 3) ?? 0);
  }
});
