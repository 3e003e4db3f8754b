import { markScrubbed, type Scrubbed } from "./scrubbed.ts";
import type { RedactionCounts } from "./scrub-json.ts";
import { DEFAULT_ENGINE, scrubString } from "./scrub-text.ts";

/** What an anonymous report may hold under one name. Everything else in it is dropped. */
export type AnonymousField =
  | { readonly kind: "one-of"; readonly values: readonly string[] }
  /** Matches the whole value; for identifiers and digests, which are kept as they are unless they hold a secret. */
  | { readonly kind: "word"; readonly pattern: RegExp }
  | { readonly kind: "integer"; readonly nullable?: true }
  | { readonly kind: "text"; readonly max: number }
  | { readonly kind: "texts"; readonly max: number; readonly most: number };

export type AnonymousFields = Readonly<Record<string, AnonymousField>>;

/**
 * Only listed fields with values of their type come through, scrubbed a second time; names of
 * repositories, paths and addresses of pages go as well. `dropped` counts what did not come through.
 */
export function scrubAnonymous(
  value: unknown,
  fields: AnonymousFields,
): { value: Scrubbed<Record<string, unknown>>; dropped: number; redactions: RedactionCounts } {
  const redactions: RedactionCounts = Object.create(null);
  const count = (rule: string): void => {
    redactions[rule] = (redactions[rule] ?? 0) + 1;
  };
  const given: Record<string, unknown> =
    typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  const kept: Record<string, unknown> = {};
  let dropped = 0;
  for (const [name, each] of Object.entries(given)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const safe = field === undefined ? undefined : keep(each, field, count);
    if (safe === undefined) dropped++;
    else kept[name] = safe;
  }
  return { value: markScrubbed<Record<string, unknown>>(Object.freeze(kept)), dropped, redactions };
}

function keep(value: unknown, field: AnonymousField, count: (rule: string) => void): unknown {
  switch (field.kind) {
    case "one-of":
      return typeof value === "string" && field.values.includes(value) ? value : undefined;
    case "word":
      return typeof value === "string" &&
        value.length <= 256 &&
        field.pattern.test(value) &&
        scrubString(value, count, DEFAULT_ENGINE.strict) === value
        ? value
        : undefined;
    case "integer":
      return (value === null && field.nullable === true) || Number.isSafeInteger(value) ? value : undefined;
    case "text":
      return typeof value === "string" ? anonymousText(value, field.max, count) : undefined;
    case "texts":
      return Array.isArray(value)
        ? Object.freeze(
            value
              .filter((each) => typeof each === "string")
              .slice(0, field.most)
              .map((each) => anonymousText(each, field.max, count)),
          )
        : undefined;
  }
}

/** Placeholders hold no slash, so none of these meets its own work again. */
const NAMES: readonly [rule: string, pattern: RegExp, placeholder: string][] = [
  ["repository", /\bgit@[\w.-]{1,80}:[\w./-]{1,160}/g, "[REDACTED:REPOSITORY]"],
  ["url", /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>[\]]{1,400}/gi, "[REDACTED:URL]"],
  ["path", /(?:\b[A-Za-z]:|~|\.{1,2})?(?:[\\/][\w.@%+~-]{1,100}){2,40}[\\/]?/g, "[REDACTED:PATH]"],
  ["path", /\b[\w.@%+~-]{1,100}(?:[\\/][\w.@%+~-]{1,100}){2,40}[\\/]?/g, "[REDACTED:PATH]"],
  ["repository", /\b[A-Za-z0-9][\w.-]{0,60}\/[A-Za-z0-9_][\w.-]{0,100}/g, "[REDACTED:REPOSITORY]"],
];

function anonymousText(text: string, max: number, count: (rule: string) => void): string {
  let safe = scrubString(text, count, DEFAULT_ENGINE.strict);
  for (const [rule, pattern, placeholder] of NAMES) {
    safe = safe.replace(pattern, () => {
      count(rule);
      return placeholder;
    });
  }
  if (safe.length <= max) return safe;
  // Half a placeholder, or what looks different without its end, must not stay.
  const cut = safe
    .slice(0, max)
    .replace(/\[[A-Z]{0,8}:?[A-Z0-9_]{0,40}$/, "")
    .replace(/\S{0,64}$/, "");
  return scrubString(cut, ignore, DEFAULT_ENGINE.strict).slice(0, max);
}

function ignore(): void {}
