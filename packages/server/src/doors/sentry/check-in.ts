import type { CheckIn } from "@prunella/kernel";
import { isRecord } from "../kit/record.ts";

const MINUTE_MS = 60_000;
/** Of an interval; longer ones than a month have no fixed length, and this is near enough for a silence. */
const UNITS: Readonly<Record<string, number>> = {
  minute: MINUTE_MS,
  hour: 60 * MINUTE_MS,
  day: 1_440 * MINUTE_MS,
  week: 10_080 * MINUTE_MS,
  month: 44_640 * MINUTE_MS,
  year: 527_040 * MINUTE_MS,
};
/** Sentry's own, where an SDK says none. */
const MARGIN_MIN = 1;
const MAX_RUNTIME_MIN = 30;
const LONGEST_MIN = 10_080;
const LONGEST_MS = 31_622_400_000;

/**
 * A `check_in` item: https://develop.sentry.dev/sdk/telemetry/check-ins/. null when it is none; its monitor is
 * told by its slug alone, not by its environment.
 */
export function readCheckIn(payload: Readonly<Record<string, unknown>>): CheckIn | null {
  const { monitor_slug: slug, status, duration, monitor_config: config } = payload;
  if (typeof slug !== "string" || slug === "") return null;
  const kind = status === "in_progress" ? "start" : status === "ok" ? "ok" : status === "error" ? "fail" : null;
  if (kind === null) return null;
  const tookMs =
    typeof duration === "number" && duration >= 0 && duration < 1e7 ? Math.round(duration * 1_000) : undefined;
  const schedule = isRecord(config) ? readSchedule(config) : null;
  // A schedule that cannot be read says that something is wrong, not that there is none.
  if (isRecord(config) && schedule === null) return null;
  return { slug, beat: { kind, tookMs }, schedule };
}

function readSchedule(config: Readonly<Record<string, unknown>>): CheckIn["schedule"] {
  const { schedule, timezone, checkin_margin: margin, max_runtime: runtime } = config;
  if (!isRecord(schedule)) return null;
  const shared = {
    time_zone: typeof timezone === "string" && timezone !== "" ? timezone : "UTC",
    grace_ms: minutes(margin, MARGIN_MIN, 0) * MINUTE_MS,
    max_runtime_ms: minutes(runtime, MAX_RUNTIME_MIN, 1) * MINUTE_MS,
  };
  const { type, value, unit } = schedule;
  if (type === "crontab" && typeof value === "string" && value.length > 0 && value.length <= 100)
    return { ...shared, every_ms: null, cron: value };
  const length = typeof unit === "string" && Object.hasOwn(UNITS, unit) ? (UNITS[unit] ?? 0) : 0;
  if (type !== "interval" || typeof value !== "number" || !Number.isInteger(value) || value < 1 || length === 0)
    return null;
  const every = value * length;
  return every > LONGEST_MS ? null : { ...shared, every_ms: every, cron: null };
}

const minutes = (given: unknown, standard: number, least: number): number =>
  typeof given === "number" && Number.isInteger(given) && given >= least ? Math.min(given, LONGEST_MIN) : standard;
