import { expect, it } from "vitest";
import { exact, moment, relative, span, zoneName } from "./time.tsx";

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

it("writes exact times in UTC, or in the reader's zone with its distance", () => {
  const at = 1_795_247_540_000;
  expect(exact(at, "utc")).toBe("2026-11-21 07:52:20 UTC");
  const before = process.env["TZ"];
  try {
    for (const [zone, winter, summer] of [
      ["Europe/Berlin", "2026-11-21 08:52:20 UTC+1", "UTC+2"],
      ["America/St_Johns", "2026-11-21 04:22:20 UTC-3:30", "UTC-2:30"],
      ["UTC", "2026-11-21 07:52:20 UTC", "UTC"],
    ] as const) {
      process.env["TZ"] = zone;
      expect(exact(at, "local")).toBe(winter);
      expect(moment(at, "local")).toBe(winter.slice(0, 16));
      expect(zoneName(Date.UTC(2026, 6, 1), "local")).toBe(summer);
    }
  } finally {
    if (before === undefined) delete process.env["TZ"];
    else process.env["TZ"] = before;
  }
});
