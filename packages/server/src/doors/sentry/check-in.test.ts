import { describe, expect, it } from "vitest";
import { readCheckIn } from "./check-in.ts";

const given = (config?: object, more: object = {}) =>
  readCheckIn({ monitor_slug: "nightly", status: "ok", ...(config ? { monitor_config: config } : {}), ...more });
const interval = (value: unknown, unit: unknown) => given({ schedule: { type: "interval", value, unit } })?.schedule;

describe("a check-in", () => {
  it("is told by its slug and its status", () => {
    expect(given()).toEqual({ slug: "nightly", beat: { kind: "ok", tookMs: undefined }, schedule: null });
    expect(given(undefined, { status: "error", duration: 1.5 })?.beat).toEqual({ kind: "fail", tookMs: 1_500 });
    for (const odd of [{ status: "missed" }, { monitor_slug: 7 }, { monitor_slug: "" }])
      expect(given(undefined, odd)).toBeNull();
  });

  it("brings a schedule by interval or by cron, with Sentry's own defaults", () => {
    expect(interval(2, "hour")).toMatchObject({
      every_ms: 7_200_000,
      cron: null,
      grace_ms: 60_000,
      max_runtime_ms: 1_800_000,
    });
    const cron = { schedule: { type: "crontab", value: "0 * * * *" }, timezone: "Europe/Berlin", checkin_margin: 0 };
    expect(given(cron)?.schedule).toMatchObject({ cron: "0 * * * *", time_zone: "Europe/Berlin", grace_ms: 0 });
  });

  it("is none when its schedule cannot be read: it says that something is wrong", () => {
    for (const [value, unit] of [
      [0, "hour"],
      [1.5, "hour"],
      [1, "fortnight"],
      ["1", "hour"],
      [50, "year"],
      [1, "constructor"],
    ])
      expect(interval(value, unit)).toBeUndefined();
    expect(given({ schedule: { type: "crontab", value: "x".repeat(200) } })).toBeNull();
    expect(given({ schedule: "daily" })).toBeNull();
  });
});
