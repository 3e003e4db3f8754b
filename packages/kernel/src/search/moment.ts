/** A moment that a query names: one of the calendar, or so long ago. */
export type Moment = { readonly at: number } | { readonly agoMs: number };

const UNITS = { s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const SPAN = /^(\d{1,6})(s|m|min|h|d|w)$/i;
/** Without a time it is midnight, and without a zone it is UTC, as everywhere in Prunella. */
const DATE =
  /^(\d{4})-(\d\d)-(\d\d)(?:T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d{1,3})?)?(?:Z|([+-])(\d\d):([0-5]\d))?)?$/i;

export function momentOf(text: string): Moment | null {
  const [, count, unit] = SPAN.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return { agoMs: Number(count) * msOf(unit.toLowerCase()) };
  const parts = DATE.exec(text);
  if (parts === null) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0));
  const [, , , , , , , sign, zoneHour, zoneMinute] = parts;
  const days = daysSince1970(year ?? 0, month ?? 0, day ?? 0);
  if (days === null) return null;
  const zone = (sign === "-" ? -1 : 1) * (Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0));
  return { at: (((days * 24 + (hour ?? 0)) * 60 + (minute ?? 0) - zone) * 60 + (second ?? 0)) * 1_000 };
}

const isUnit = (text: string): text is keyof typeof UNITS => Object.hasOwn(UNITS, text);
const msOf = (unit: string): number => (isUnit(unit) ? UNITS[unit] : 0);

export const toMillis = (moment: Moment, now: number): number => ("at" in moment ? moment.at : now - moment.agoMs);

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const daysOf = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;

/** Null for a day that no calendar has. The kernel has no `Date`: it would bring the machine's clock. */
function daysSince1970(year: number, month: number, day: number): number | null {
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return null;
  const before = year - 1;
  const leaps = (to: number): number => Math.floor(to / 4) - Math.floor(to / 100) + Math.floor(to / 400);
  let days = (year - 1970) * 365 + leaps(before) - leaps(1969) + day - 1;
  for (let each = 1; each < month; each += 1) days += daysOf(year, each);
  return days;
}
