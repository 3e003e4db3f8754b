import { PrunellaError, type ActionWindow } from "@prunella/contract";
import type { Calendar } from "../ports.ts";

const DAY_MS = 86_400_000;

/**
 * When a window that is open at `now` closes; null when it is not open. Pure: what the calendar says follows from
 * the moment alone.
 */
export function closesAt(window: ActionWindow, now: number, calendar: Calendar): number | null {
  if ("cron" in window) {
    const begun = calendar.lastBegin(window.cron, window.zone, now);
    const end = begun === null ? now : begun + window.lasts_ms;
    return end > now ? end : null;
  }
  if ("zone" in window) return closesToday(window, now, calendar);
  const [from, to] = [momentOf(window.from), momentOf(window.to)];
  return from <= now && now < to ? to : null;
}

/** The latest end of those that are open; null when none is. */
export function closesLast(windows: readonly ActionWindow[], now: number, calendar: Calendar): number | null {
  const ends = windows.map((window) => closesAt(window, now, calendar)).filter((end) => end !== null);
  return ends.length === 0 ? null : Math.max(...ends);
}

/** When it is over for good; null: it opens again and again. */
export const endOf = (window: ActionWindow): number | null => ("zone" in window ? null : momentOf(window.to));

/** False when it has passed and never opens again. */
export function mayOpen(window: ActionWindow, now: number): boolean {
  const end = endOf(window);
  return end === null || end > now;
}

/** Throws for a window that could never be judged, so that it is said when it is made and not in the night. */
export function assertWindow(window: ActionWindow, calendar: Pick<Calendar, "isZone" | "isPattern">): void {
  const wrong = (detail: string) => new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail });
  if ("zone" in window && !calendar.isZone(window.zone))
    throw wrong(`There is no time zone ${window.zone}; one of IANA is expected, such as Europe/Berlin or UTC.`);
  if ("cron" in window) {
    if (!calendar.isPattern(window.cron, window.zone))
      throw wrong(`"${window.cron}" is no cron pattern of five fields, such as "0 2 * * SUN".`);
    return;
  }
  if (!("zone" in window) && momentOf(window.to) <= momentOf(window.from))
    throw wrong(`The window ends at ${window.to}, which is not after its beginning at ${window.from}.`);
}

/** Between two times of the wall clock; the end is looked up anew, for a day on which clocks are changed. */
function closesToday(
  { from, to, zone }: { readonly from: string; readonly to: string; readonly zone: string },
  now: number,
  calendar: Calendar,
): number | null {
  const local = now + calendar.offsetMs(zone, now);
  const today = local - (((local % DAY_MS) + DAY_MS) % DAY_MS);
  const [begin, end] = [timeOf(from), timeOf(to)];
  const lasts = end > begin ? end - begin : end - begin + DAY_MS;
  for (const day of [today, today - DAY_MS]) {
    const opens = day + begin;
    if (local < opens || local >= opens + lasts) continue;
    const closes = opens + lasts;
    const about = closes - calendar.offsetMs(zone, now);
    return Math.max(now + 1, closes - calendar.offsetMs(zone, about));
  }
  return null;
}

const timeOf = (text: string): number => (Number(text.slice(0, 2)) * 60 + Number(text.slice(3))) * 60_000;

/** RFC 3339 in epoch milliseconds, by arithmetic: the kernel has no clock to ask. */
export function momentOf(text: string): number {
  const [, year, month, day, hour, minute, second = "0", fraction = "", sign, ahead, minutes] =
    /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:Z|([+-])(\d\d):(\d\d))$/.exec(text) ?? [];
  const days = daysTo(Number(year), Number(month)) + Number(day) - 1;
  const offset = sign === undefined ? 0 : (Number(ahead) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
  const inDay = ((Number(hour) * 60 + Number(minute) - offset) * 60 + Number(second)) * 1_000;
  return days * DAY_MS + inDay + Math.floor(Number(`0.${fraction}0`) * 1_000);
}

/** Days from 1970 to the first of a month, in the calendar that began in 1582. */
function daysTo(year: number, month: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5);
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}
