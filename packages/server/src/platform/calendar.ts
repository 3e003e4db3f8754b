import type { Calendar } from "@prunella/kernel";
import { Cron } from "croner";

/** Patterns and zones that are remembered; making one again costs a moment. */
const MAX_KNOWN = 1_000;

/** Cron patterns and time zones. Every answer follows from the moment that is asked about, never from the clock. */
export function createCalendar(): Calendar {
  const patterns = new Map<string, Cron>();
  const zones = new Map<string, Intl.DateTimeFormat>();

  const cronOf = (pattern: string, zone: string): Cron =>
    remember(patterns, `${zone} ${pattern}`, () => {
      zoneOf(zone);
      return new Cron(pattern, { timezone: zone, mode: "5-part", paused: true });
    });

  const zoneOf = (zone: string): Intl.DateTimeFormat =>
    remember(zones, zone, () => new Intl.DateTimeFormat("en-GB-u-hc-h23", { ...PARTS, timeZone: zone }));

  return {
    isZone: (zone) => succeeds(() => zoneOf(zone)),
    isPattern: (pattern, zone) => succeeds(() => cronOf(pattern, zone).previousRuns(1, new Date(0))),
    lastBegin: (pattern, zone, at) =>
      // Of the moment itself too: a run is found before the reference alone.
      cronOf(pattern, zone)
        .previousRuns(1, new Date(at + 1_000 - (at % 1_000)))[0]
        ?.getTime() ?? null,
    nextBegin: (pattern, zone, at) => cronOf(pattern, zone).nextRun(new Date(at))?.getTime() ?? null,
    offsetMs(zone, at) {
      const said = new Map(
        zoneOf(zone)
          .formatToParts(at)
          .map(({ type, value }) => [type, Number(value)]),
      );
      const part = (name: Intl.DateTimeFormatPartTypes) => said.get(name) ?? 0;
      const local = Date.UTC(
        part("year"),
        part("month") - 1,
        part("day"),
        part("hour"),
        part("minute"),
        part("second"),
      );
      return local - (at - (at % 1_000));
    },
  };
}

const PARTS = {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
} as const;

function succeeds(does: () => unknown): boolean {
  try {
    does();
    return true;
  } catch {
    return false;
  }
}

function remember<T>(known: Map<string, T>, name: string, make: () => T): T {
  const before = known.get(name);
  if (before !== undefined) return before;
  if (known.size >= MAX_KNOWN) known.clear();
  const made = make();
  known.set(name, made);
  return made;
}
