import { amount, nearestAmount, readAmount, writeAmount, type Bounds, type Measure } from "./quantity.ts";

const DURATIONS: Measure = {
  called: "a duration such as 500ms, 10s, 10m, 2h or 1d 12h",
  units: [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1_000],
    ["ms", 1],
  ],
  meant: {
    "": "s",
    ...Object.fromEntries(["sec", "secs", "second", "seconds"].map((word) => [word, "s"])),
    ...Object.fromEntries(["min", "mins", "minute", "minutes"].map((word) => [word, "m"])),
    ...Object.fromEntries(["hr", "hrs", "hour", "hours"].map((word) => [word, "h"])),
    ...Object.fromEntries(["day", "days"].map((word) => [word, "d"])),
    ...Object.fromEntries(["msec", "millis", "millisecond", "milliseconds"].map((word) => [word, "ms"])),
  },
  gap: "",
  pattern: "^(?=\\d)(\\d+d ?)?(\\d+h ?)?(\\d+m ?)?(\\d+s ?)?(\\d+ms)?$",
  examples: ["500ms", "10s", "10m", "2h", "1d 12h"],
};

/** A length of time as people write it, such as `10m` or `1d 12h`; milliseconds once it is read. */
export const duration = (bounds: Bounds = {}) => amount(DURATIONS, "duration", bounds);
export const Duration = duration();

/** Milliseconds of `10m`, `1d 12h`, `500ms`; null for anything else. */
export const readDuration = (text: string): number | null => readAmount(DURATIONS, text);

/** As it would be typed: `1d 12h`. */
export const writeDuration = (ms: number): string => writeAmount(DURATIONS, ms);

/** What was most likely meant by something that is no duration; null when nothing is near. */
export const nearestDuration = (typed: string): string | null => nearestAmount(DURATIONS, typed);
