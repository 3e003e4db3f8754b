import { z } from "zod";

/** How amounts with a unit are read: durations and sizes differ in their units alone. */
export interface Measure {
  /** What it is called in a sentence, with an example: `a duration such as 10m`. */
  readonly called: string;
  /** Largest first, each with its worth in the smallest. */
  readonly units: readonly (readonly [name: string, worth: number])[];
  /** What people write instead, in lower case, and the unit that was meant. */
  readonly meant: Readonly<Record<string, string>>;
  /** Between an amount and its unit, as we write it. */
  readonly gap: "" | " ";
  /** For editors. */
  readonly pattern: string;
  readonly examples: readonly string[];
}

/** The amount in the smallest unit; null for anything that is not written as it should be. */
export function readAmount({ units, gap }: Measure, text: string): number | null {
  const parts = [...text.trim().matchAll(/(\d{1,15}(?:\.\d{1,3})?) ?([A-Za-z]+)(?: (?=\d)|(?=\d)|$)/g)];
  if (parts.length === 0 || parts.map(([all]) => all).join("") !== text.trim()) return null;
  // `1d 12h`, but a size has one unit and may have a fraction instead.
  if (gap === "" ? parts.some(([, number = ""]) => number.includes(".")) : parts.length > 1) return null;
  let sum = 0;
  let before = -1;
  for (const [, number = "", unit = ""] of parts) {
    const at = units.findIndex(([name]) => name === unit);
    if (at <= before) return null;
    before = at;
    sum += Number(number) * (units[at]?.[1] ?? Number.NaN);
  }
  return Number.isSafeInteger(sum) ? sum : null;
}

/** As a person would write it, exactly: `1d 12h`, `1.5 GiB`. */
export function writeAmount({ units, gap }: Measure, amount: number): string {
  if (gap === " ") {
    const fits = units.find(([, worth]) => amount >= worth && Number.isInteger((amount / worth) * 8));
    const [name, worth] = fits ?? units.at(-1) ?? ["", 1];
    return `${amount / worth} ${name}`;
  }
  const written: string[] = [];
  let rest = amount;
  for (const [name, worth] of units) {
    const count = Math.floor(rest / worth);
    rest -= count * worth;
    if (count > 0) written.push(`${count}${name}`);
  }
  // Nothing at all is still so much of something.
  return written.length > 0 ? written.join(" ") : "0s";
}

/** The nearest right writing of what was typed, or null when nothing is near. */
export function nearestAmount(measure: Measure, typed: unknown): string | null {
  const text = typeof typed === "number" ? String(typed) : typeof typed === "string" ? typed.trim() : "";
  const parts = [...text.matchAll(/(\d{1,15}(?:[.,]\d{1,6})?)\s*([A-Za-zµ]*)/g)];
  let sum = 0;
  for (const [, number = "", unit = ""] of parts) {
    const name = unitMeant(measure, unit);
    const worth = measure.units.find(([each]) => each === name)?.[1];
    if (worth === undefined) return null;
    sum += Number(number.replace(",", ".")) * worth;
  }
  return parts.length === 0 || text.startsWith("-") ? null : writeAmount(measure, Math.round(sum));
}

function unitMeant({ units, meant }: Measure, unit: string): string | undefined {
  const exact = units.find(([name]) => name === unit);
  if (exact) return exact[0];
  const small = unit.toLowerCase();
  return meant[small] ?? units.find(([name]) => name.toLowerCase() === small)?.[0];
}

/** Bounds, both allowed. */
export interface Bounds {
  readonly least?: string;
  readonly most?: string;
}

const shown = (typed: unknown): string =>
  typeof typed === "string" ? JSON.stringify(typed.slice(0, 80)) : typed === null ? "null" : typeof typed;

/** Text that says an amount with its unit; a number in the smallest unit once it is read. */
export function amount(measure: Measure, unit: string, { least, most }: Bounds) {
  const bound = (text: string | undefined, standard: number) =>
    text === undefined ? standard : (readAmount(measure, text) ?? standard);
  const [min, max] = [bound(least, 0), bound(most, Number.MAX_SAFE_INTEGER)];
  const told = (typed: unknown): string => {
    const near = nearestAmount(measure, typed);
    const got = typeof typed === "number" ? `not ${typed}, which has no unit` : `not ${shown(typed)}`;
    return `expected ${measure.called}, ${got}${near === null ? "" : `; did you mean ${near}`}`;
  };
  const range = [least === undefined ? "" : ` ≥ ${least}`, most === undefined ? "" : ` ≤ ${most}`].join("");
  return z
    .string({ error: ({ input }) => told(input) })
    .meta({ pattern: measure.pattern, examples: [...measure.examples] })
    .transform((text, context) => {
      const read = readAmount(measure, text);
      if (read === null) context.addIssue({ code: "custom", message: told(text) });
      else if (read < min)
        context.addIssue({ code: "custom", message: `${text} is too little; the least is ${least}` });
      else if (read > max) context.addIssue({ code: "custom", message: `${text} is too much; the most is ${most}` });
      else return read;
      return z.NEVER;
    })
    .meta({ "x-unit": `${unit}${range}` });
}
