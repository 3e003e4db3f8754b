import { ActionWindow } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { createCalendar } from "../../../server/src/platform/calendar.ts";
import { assertWindow, closesAt, mayOpen, momentOf } from "./windows.ts";

const calendar = createCalendar();
const closes = (window: unknown, now: string): string | null => {
  const at = closesAt(ActionWindow.parse(window), Date.parse(now), calendar);
  return at === null ? null : new Date(at).toISOString();
};

describe("a window", () => {
  it("by a pattern is open for so long from each of its moments, and not a moment longer", () => {
    const sundays = { cron: "0 2 * * SUN", lasts_ms: 3_600_000, zone: "Europe/Berlin" };
    expect(closes(sundays, "2026-11-29T00:59:59.999Z")).toBeNull();
    expect(closes(sundays, "2026-11-29T01:00:00Z")).toBe("2026-11-29T02:00:00.000Z");
    expect(closes(sundays, "2026-11-29T01:59:59.999Z")).toBe("2026-11-29T02:00:00.000Z");
    expect(closes(sundays, "2026-11-29T02:00:00Z")).toBeNull();
  });

  it("by times of the day goes over midnight, and ends when the clocks of its zone say so", () => {
    const night = { from: "22:00", to: "06:00", zone: "Europe/Berlin" };
    expect(closes(night, "2026-11-28T20:59:59Z")).toBeNull();
    expect(closes(night, "2026-11-28T21:00:00Z")).toBe("2026-11-29T05:00:00.000Z");
    expect(closes(night, "2026-11-29T04:59:59Z")).toBe("2026-11-29T05:00:00.000Z");
    expect(closes(night, "2026-11-29T05:00:00Z")).toBeNull();
    // Clocks go forward in that night: it is an hour shorter.
    expect(closes(night, "2026-03-28T22:00:00Z")).toBe("2026-03-29T04:00:00.000Z");
    expect(closes({ from: "09:00", to: "17:00", zone: "UTC" }, "2026-11-29T12:00:00Z")).toBe(
      "2026-11-29T17:00:00.000Z",
    );
    expect(closes({ from: "00:00", to: "00:00", zone: "UTC" }, "2026-11-29T12:00:00Z")).toBe(
      "2026-11-30T00:00:00.000Z",
    );
  });

  it("between two moments is open once", () => {
    const once = { from: "2026-12-01T02:00:00+01:00", to: "2026-12-01T04:00:00Z" };
    expect(closes(once, "2026-12-01T00:59:59Z")).toBeNull();
    expect(closes(once, "2026-12-01T01:00:00Z")).toBe("2026-12-01T04:00:00.000Z");
    expect(closes(once, "2026-12-01T04:00:00Z")).toBeNull();
    expect(mayOpen(ActionWindow.parse(once), Date.parse("2026-12-01T04:00:00Z"))).toBe(false);
  });

  it("reads moments as everybody does", () => {
    for (const text of [
      "1970-01-01T00:00:00Z",
      "2000-02-29T23:59:59.5Z",
      "2026-12-31T23:59:59+05:30",
      "2100-03-01T00:00:00-11:00",
      "1999-01-01T00:00Z",
    ])
      expect([text, momentOf(text)]).toEqual([text, Date.parse(text)]);
  });

  it("that nobody could judge is refused when it is made", () => {
    for (const [window, why] of [
      [{ cron: "0 2 * * FOO", lasts_ms: 60_000, zone: "UTC" }, "no cron pattern"],
      [{ cron: "0 2 * * *", lasts_ms: 60_000, zone: "Mars/Olympus" }, "no time zone Mars/Olympus"],
      [{ from: "22:00", to: "06:00", zone: "Mars/Olympus" }, "no time zone"],
      [{ from: "2026-12-01T02:00:00Z", to: "2026-12-01T02:00:00Z" }, "not after its beginning"],
    ] as const)
      expect(() => assertWindow(ActionWindow.parse(window), calendar)).toThrow(why);
    for (const wrong of [
      { from: "25:00", to: "06:00", zone: "UTC" },
      { from: "22:00", zone: "UTC" },
      { cron: "@daily" },
    ])
      expect(ActionWindow.safeParse(wrong).success).toBe(false);
  });
});
