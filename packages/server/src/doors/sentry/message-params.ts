import { boundedText, boundedValue, NAME_MAX } from "../kit/bounded.ts";
import { isRecord } from "../kit/record.ts";

/**
 * A message with its parameters put in, in every notation that SDKs send apart from their values:
 * `%s`, `%2$s`, `%(name)s`, `{}`, `{0}`, `{name}`. Null when no parameter found its place, so that a
 * template never passes for a message. Values are put in once: what looks like a place in a value stays.
 * `areReprs`: values come as Python writes them, texts in quotes.
 */
export function fillMessage(template: string, params: unknown, { areReprs = false } = {}): string | null {
  const values = readParams(areReprs ? unquoted(params) : params);
  if (values === null) return null;
  // A JSON text with `%s` in it has braces too, and means the percent sign.
  return filled(template, PERCENT, values) ?? filled(template, BRACES, values);
}

/** Raven sends each value as Python's `repr` of it. */
function unquoted(params: unknown): unknown {
  const plain = (value: unknown): unknown =>
    typeof value === "string" ? value.replace(/^u?'([^'\\]*)'$/, "$1") : value;
  if (Array.isArray(params)) return params.map(plain);
  if (!isRecord(params)) return plain(params);
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, plain(value)]));
}

interface Params {
  readonly list: readonly unknown[];
  readonly named: Readonly<Record<string, unknown>> | null;
}

const PARAMS_MAX = 64;

/** A list, an object of names, or (raven's `%(name)s`) a list of just that object. */
function readParams(params: unknown): Params | null {
  if (Array.isArray(params)) {
    if (params.length === 0) return null;
    const only: unknown = params.length === 1 ? params[0] : null;
    return { list: params.slice(0, PARAMS_MAX), named: isRecord(only) ? only : null };
  }
  if (isRecord(params)) return { list: [], named: params };
  if (params === null || params === undefined) return null;
  return { list: [params], named: null };
}

/**
 * `%`, place, flags, width, precision, conversion (C, Python, PHP, Go, Node). The flag of one blank is
 * left out: `100% sure` is a sentence.
 */
const PERCENT =
  /%(?:(?<escape>%)|(?:(?<place>\d{1,2})\$)?(?:\((?<name>[^()]{1,64})\))?[-+#0]{0,3}\d{0,3}(?:\.(?<digits>\d{1,2}))?l{0,2}(?<how>[sdifeEgGxXorcjOuvqtp@]))/g;
/** Python and .NET: `{`, place or name, conversion or format, `}`; `{{` stands for a brace. */
const BRACES =
  /(?<escape>\{\{|\}\})|\{[@$]?(?:(?<place>\d{1,2})|(?<name>[A-Za-z_][\w.-]{0,63}))?(?:[!,:][^{}]{0,40})?\}/g;

function filled(template: string, places: RegExp, { list, named }: Params): string | null {
  let next = 0;
  let count = 0;
  const text = template.replace(places, (whole: string, ...rest: unknown[]) => {
    const { escape, place, name, digits, how } = groupsOf(rest);
    if (escape !== undefined) return escape.charAt(0);
    let value: unknown;
    if (name !== undefined && named !== null && Object.hasOwn(named, name)) value = named[name];
    // .NET names its places and sends a list in their order. PHP and Java count places from 1.
    else if (place === undefined) value = list[next++];
    else value = list[Number(place) - (places === PERCENT ? 1 : 0)] ?? named?.[place];
    if (value === undefined) return whole;
    count += 1;
    return said(value, how ?? "s", digits);
  });
  return count === 0 ? null : boundedText(text);
}

type Groups = Readonly<Record<string, string | undefined>>;

function groupsOf(rest: readonly unknown[]): Groups {
  const last = rest.at(-1);
  const groups: Record<string, string | undefined> = {};
  if (isRecord(last)) for (const key in last) groups[key] = typeof last[key] === "string" ? last[key] : undefined;
  return groups;
}

function said(value: unknown, how: string, digits: string | undefined): string {
  if (typeof value === "number") {
    if (how === "d" || how === "i") return String(Math.trunc(value));
    if (how === "x") return Math.trunc(value).toString(16);
    if (how === "X") return Math.trunc(value).toString(16).toUpperCase();
    return how === "f" && digits !== undefined ? value.toFixed(Number(digits)) : String(value);
  }
  if (typeof value === "string")
    return boundedText(how === "q" ? `"${value}"` : how === "r" ? `'${value}'` : value, NAME_MAX);
  return boundedText(JSON.stringify(boundedValue(value, 4)) ?? "", NAME_MAX);
}
