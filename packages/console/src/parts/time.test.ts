import { expect, it } from "vitest";
import { relative, span, utc } from "./time.tsx";

it("says how long in the largest sensible unit", () => {
  expect([0, 400, 1_000, 59_000, 60_000, 3_540_000, 3_600_000, 47 * 3_600_000, 72 * 3_600_000].map(span)).toEqual([
    "0 s",
    "0 s",
    "1 s",
    "59 s",
    "1 min",
    "59 min",
    "1 h",
    "47 h",
    "3 d",
  ]);
});

it("tells past from future", () => {
  expect(relative(0, 90_000)).toBe("2 min ago");
  expect(relative(7_200_000, 0)).toBe("in 2 h");
  expect(relative(0, 100)).toBe("now");
});

it("writes exact times in UTC", () => {
  expect(utc(1_795_247_540_000)).toBe("2026-11-21 07:52:20 UTC");
});
