import { afterEach, describe, expect, it, vi } from "vitest";
import { createCalendar } from "./calendar.ts";

const at = (text: string): number => Date.parse(text);
const shown = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

afterEach(() => void vi.useRealTimers());

describe("the calendar", () => {
  it("finds the last beginning of a pattern in its own zone, the moment itself included", () => {
    const calendar = createCalendar();
    const last = (text: string) => shown(calendar.lastBegin("0 2 * * SUN", "Europe/Berlin", at(text)));
    expect(last("2026-11-29T19:00:00Z")).toBe("2026-11-29T01:00:00.000Z");
    expect(last("2026-11-29T01:00:00Z")).toBe("2026-11-29T01:00:00.000Z");
    expect(last("2026-11-29T00:59:59.999Z")).toBe("2026-11-22T01:00:00.000Z");
    // In summer the zone is another hour ahead.
    expect(last("2026-07-05T12:00:00Z")).toBe("2026-07-05T00:00:00.000Z");
    expect(shown(calendar.nextBegin("30 4 1 * *", "UTC", at("2026-11-29T19:00:00Z")))).toBe("2026-12-01T04:30:00.000Z");
  });

  it("says the same whatever the clock says", () => {
    const asked = () => {
      const calendar = createCalendar();
      const moment = at("2026-03-29T12:00:00Z");
      return [
        calendar.lastBegin("*/7 3 * * MON-FRI", "America/New_York", moment),
        calendar.nextBegin("0 0 29 2 *", "Asia/Kolkata", moment),
        calendar.offsetMs("Europe/Berlin", moment),
      ];
    };
    vi.useFakeTimers({ now: 0 });
    const early = asked();
    vi.setSystemTime(at("2031-07-01T00:00:00Z"));
    expect(asked()).toEqual(early);
    expect(early.slice(1)).toEqual([at("2028-02-28T18:30:00Z"), 2 * 3_600_000]);
  });

  it("knows a zone and a pattern from nonsense", () => {
    const calendar = createCalendar();
    expect([calendar.isZone("Europe/Berlin"), calendar.isZone("Europe/Atlantis")]).toEqual([true, false]);
    expect(calendar.isPattern("0 2 * * SUN", "UTC")).toBe(true);
    for (const [pattern, zone] of [
      ["0 2 * * FOO", "UTC"],
      ["61 2 * * *", "UTC"],
      ["0 2 * *", "UTC"],
      ["0 0 2 * * *", "UTC"],
      ["0 2 * * *", "Europe/Atlantis"],
    ] as const)
      expect([pattern, calendar.isPattern(pattern, zone)]).toEqual([pattern, false]);
  });
});
