import { expect, test } from "vitest";
import { parseDuration, relative } from "./time.ts";

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["10m", 600_000],
  ["2h", 7_200_000],
  ["1d", 86_400_000],
])("%s is %i ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "10", "m", "1.5h", "-3s", "10 years", "99999999999s"])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBe(null);
});

test("says how long ago in the largest unit that fits", () => {
  expect(relative(0, 500)).toBe("now");
  expect(relative(0, 61_000)).toBe("1 min ago");
  expect(relative(7_200_000, 0)).toBe("in 2 h");
});
