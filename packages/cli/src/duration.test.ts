import { expect, it } from "vitest";
import { bytesOf, bytesWords, durationOf, durationWords } from "./duration.ts";

it.each([
  ["45s", 45_000],
  ["30m", 1_800_000],
  ["24h", 86_400_000],
  ["7d", 604_800_000],
  ["0h", 0],
])("reads the time %s", (typed, ms) => expect(durationOf("--overlap", typed)).toBe(ms));

it.each(["", "24", "h", "1.5h", "-1h", "24 h", "1w", "9999999h"])(
  "refuses %j as a time, and says one that goes",
  (typed) => expect(() => durationOf("--overlap", typed)).toThrow("such as 30m, 24h or 7d"),
);

it("writes times and sizes as they would be typed", () => {
  expect([86_400_000, 90_000_000, 1_800_000, 61_000].map(durationWords)).toEqual(["1d", "25h", "30m", "61s"]);
  expect([2_147_483_648, 1_572_864, 2_048, 17].map(bytesWords)).toEqual(["2 GB", "1.5 MB", "2 KB", "17 bytes"]);
  expect([bytesOf("--cap", "1.5gb"), bytesOf("--cap", "500MB")]).toEqual([1_610_612_736, 524_288_000]);
  expect(() => bytesOf("--cap", "2G")).toThrow("such as 500MB or 2GB");
});
