import { ActionWindow } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { createCalendar } from "../../../server/src/platform/calendar.ts";
import { assertWindow, closesAt, closesLast, mayOpen, momentOf } from "./windows.ts";

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

  it("of several is open until the last of those closes that are", () => {
    const until = (...windows: readonly object[]) => {
      const at = closesLast(
        windows.map((window) => ActionWindow.parse(window)),
        Date.parse("2026-11-29T12:00:00Z"),
        calendar,
      );
      return at === null ? null : new Date(at).toISOString();
    };
    const of = (from: string, to: string) => ({ from, to, zone: "UTC" });
    expect(until()).toBeNull();
    expect(until(of("09:00", "11:00"))).toBeNull();
    expect(until(of("09:00", "13:00"), of("09:00", "17:00"), of("09:00", "11:00"))).toBe("2026-11-29T17:00:00.000Z");
  });

  it("may open as long as it is not over for good", () => {
    const now = Date.parse("2026-12-01T04:00:00Z");
    const may = (window: object) => mayOpen(ActionWindow.parse(window), now);
    expect(may({ from: "2026-12-01T02:00:00Z", to: "2026-12-01T04:00:00.001Z" })).toBe(true);
    expect(may({ from: "2026-12-01T02:00:00Z", to: "2026-12-01T04:00:00Z" })).toBe(false);
    expect(may({ from: "22:00", to: "23:00", zone: "UTC" })).toBe(true);
    expect(may({ cron: "0 2 29 2 *", lasts_ms: 60_000, zone: "UTC" })).toBe(true);
  });

  it("by a pattern whose moments nobody can find in the past is not open", () => {
    const window = ActionWindow.parse({ cron: "0 2 * * SUN", lasts_ms: 3_600_000, zone: "UTC" });
    expect(closesAt(window, 5, { ...calendar, lastBegin: () => null })).toBeNull();
  });

  it("in the hour that comes twice is open to its end, and ends in the future", () => {
    // 2026-10-25 in Berlin: 02:00 to 03:00 is there twice, an hour apart.
    const hour = { from: "01:30", to: "02:30", zone: "Europe/Berlin" };
    for (const now of ["2026-10-24T23:45:00Z", "2026-10-25T00:29:00Z", "2026-10-25T01:10:00Z"]) {
      const end = closes(hour, now);
      expect([now, end !== null && Date.parse(end) > Date.parse(now)]).toEqual([now, true]);
    }
    // West of Greenwich the day of the place began earlier or later than the day of UTC.
    const evening = { from: "18:00", to: "20:00", zone: "America/New_York" };
    expect(closes(evening, "2026-11-29T22:59:59Z")).toBeNull();
    expect(closes(evening, "2026-11-30T00:30:00Z")).toBe("2026-11-30T01:00:00.000Z");
    expect(closes(evening, "2026-11-30T01:00:00Z")).toBeNull();
  });

  it("that could be judged is taken as it is", () => {
    for (const window of [
      { cron: "0 2 * * SUN", lasts_ms: 60_000, zone: "UTC" },
      { from: "22:00", to: "06:00", zone: "Europe/Berlin" },
      { from: "2026-12-01T02:00:00Z", to: "2026-12-01T02:00:01Z" },
    ])
      expect(() => assertWindow(ActionWindow.parse(window), calendar)).not.toThrow();
  });

  it("reads moments as everybody does", () => {
    for (const text of [
      "1970-01-01T00:00:00Z",
      "2000-02-29T23:59:59.5Z",
      "2026-12-31T23:59:59+05:30",
      "2100-03-01T00:00:00-11:00",
      "1999-01-01T00:00Z",
      "2026-07-01T08:09:10.125Z",
      "2026-07-01T08:09:10.999+00:30",
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
      expect(() => assertWindow(ActionWindow.parse(window), calendar)).toThrow(
        expect.objectContaining({ code: "PRUNELLA_REQUEST_INVALID", detail: expect.stringContaining(why) }),
      );
    for (const wrong of [
      { from: "25:00", to: "06:00", zone: "UTC" },
      { from: "22:00", zone: "UTC" },
      { cron: "@daily" },
    ])
      expect(ActionWindow.safeParse(wrong).success).toBe(false);
  });
});
