import { z } from "zod";
import { ActionWindow } from "./action-window.ts";
import { duration } from "./duration.ts";

type Key = "cron" | "lasts" | "from" | "to" | "zone";

const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const EXAMPLES = [
  { cron: "0 2 * * SUN", lasts: "1h", zone: "Europe/Berlin" },
  { from: "22:00", to: "06:00", zone: "Europe/Berlin" },
  { from: "2026-12-01T02:00:00Z", to: "2026-12-01T04:00:00Z" },
];

/**
 * A window as a person writes it: one of three forms, told apart by its keys. One object and not three, so that a
 * mistake is named with its key, and a misspelt key with the one that was meant.
 */
export const WrittenWindow = z
  .strictObject({
    cron: z
      .string()
      .min(9)
      .max(100)
      .meta({ description: "It opens at each moment of this pattern: minute, hour, day, month, weekday." })
      .optional(),
    lasts: duration({ least: "1s", most: "31d" })
      .meta({ description: "How long it stays open, with `cron`." })
      .optional(),
    from: z
      .string()
      .max(40)
      .meta({ description: "Each day from this time on, such as 22:00; or from a moment on, as RFC 3339." })
      .optional(),
    to: z
      .string()
      .max(40)
      .meta({ description: "Until this time, of the same day or of the next; or until a moment." })
      .optional(),
    zone: z
      .string()
      .max(64)
      .meta({ description: "Time zone of IANA in which pattern and times of day are read, such as Europe/Berlin." })
      .optional(),
  })
  .transform((given, context): ActionWindow => {
    const wrong = (key: Key | null, message: string): never => {
      context.addIssue({ code: "custom", path: key === null ? [] : [key], message });
      return z.NEVER;
    };
    const { lasts, ...rest } = given;
    const keys = formOf(given);
    const missing = keys.find((key) => given[key] === undefined);
    if (missing !== undefined)
      return wrong(null, `a window has ${listed(keys)} together; ${missing} is missing, such as ${exampleOf(missing)}`);
    const tooMuch = ALL.find((key) => given[key] !== undefined && !keys.includes(key));
    if (tooMuch !== undefined)
      return wrong(tooMuch, `a window has ${listed(keys)} together, and ${tooMuch} is none of them`);
    const window = ActionWindow.safeParse(lasts === undefined ? rest : { ...rest, lasts_ms: lasts });
    if (window.success) return window.data;
    for (const key of ["from", "to"] as const) {
      const typed = given[key];
      if (typed === undefined || isTimeOrMoment(typed)) continue;
      return wrong(
        key,
        `expected a time of day such as 22:00, or a moment such as 2026-12-01T02:00:00Z, not "${typed}"${nearestTime(typed)}`,
      );
    }
    if (TIME.test(given.from ?? "") !== TIME.test(given.to ?? ""))
      return wrong("to", "from and to are both times of the day, or both moments");
    return wrong("zone", "expected a time zone of IANA, such as Europe/Berlin or UTC");
  })
  .meta({ examples: EXAMPLES });

const ALL = ["cron", "lasts", "from", "to", "zone"] as const satisfies readonly Key[];

/** What belongs together, by what was written first of all. */
function formOf({ cron, lasts, from, to }: Partial<Record<Key, unknown>>): readonly Key[] {
  if (cron !== undefined || (lasts !== undefined && from === undefined && to === undefined))
    return ["cron", "lasts", "zone"];
  const isMoment = [from, to].some((typed) => typeof typed === "string" && typed.includes("T"));
  return isMoment ? ["from", "to"] : ["from", "to", "zone"];
}

const listed = (keys: readonly Key[]): string => `${keys.slice(0, -1).join(", ")} and ${keys.at(-1) ?? ""}`;

const exampleOf = (key: Key): string =>
  ({
    cron: 'cron: "0 2 * * SUN"',
    lasts: "lasts: 1h",
    from: 'from: "22:00"',
    to: 'to: "06:00"',
    zone: "zone: Europe/Berlin",
  })[key];

const isTimeOrMoment = (typed: string): boolean =>
  TIME.test(typed) || z.iso.datetime({ offset: true }).safeParse(typed).success;

/** `9:00`, `9` and `9.30` are times of the day that were written in another way. */
function nearestTime(typed: string): string {
  const [, hour = "", minute = "00"] = /^(\d{1,2})(?:[:.h ]?([0-5]\d))?(?: ?uhr)?$/i.exec(typed.trim()) ?? [];
  const near = `${hour.padStart(2, "0")}:${minute}`;
  return TIME.test(near) ? `; did you mean ${near}` : "";
}
