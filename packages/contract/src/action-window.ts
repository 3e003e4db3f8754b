import { z } from "zod";

/** Of the IANA data base; which of them a machine knows is found out when a window is made. */
const Zone = z.string().regex(/^[A-Za-z0-9_+/-]{1,64}$/, "a time zone is one of IANA, such as Europe/Berlin or UTC");
const TimeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "a time of day is HH:MM, such as 22:00");
const Moment = z.iso.datetime({ offset: true, error: "a moment is RFC 3339, such as 2026-12-01T02:00:00Z" });

/**
 * When something is open: from each moment of a cron pattern for so long, between two times of each day, or
 * between two moments. A day's window whose end is not after its beginning ends on the next day.
 */
export const ActionWindow = z.union(
  [
    z.strictObject({
      cron: z.string().min(9).max(100).meta({ description: "Five fields: minute, hour, day, month, weekday." }),
      lasts_ms: z
        .int()
        .min(1_000)
        .max(31 * 86_400_000)
        .meta({ description: "How long it stays open.", "x-unit": "milliseconds" }),
      zone: Zone.meta({ description: "Time zone in which the pattern is read." }),
    }),
    z.strictObject({
      from: TimeOfDay.meta({ description: "Each day from this time on." }),
      to: TimeOfDay.meta({ description: "Until this time, of the same day or of the next." }),
      zone: Zone.meta({ description: "Time zone of both." }),
    }),
    z.strictObject({
      from: Moment.meta({ description: "From this moment on." }),
      to: Moment.meta({ description: "Until this moment." }),
    }),
  ],
  {
    error: "a window is {cron, lasts_ms, zone}, {from: HH:MM, to: HH:MM, zone}, or {from, to} as RFC 3339 moments",
  },
);
export type ActionWindow = z.infer<typeof ActionWindow>;
