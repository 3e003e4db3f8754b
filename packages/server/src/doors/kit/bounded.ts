import { CUT_MARK, CUT_SLACK } from "@prunella/scrub";

import { isRecord } from "./record.ts";

/** Longest human text, in UTF-16 code units. */
export const TEXT_MAX = 8192;
/** Longest name: function, file, release, tag. */
export const NAME_MAX = 512;
const KEYS_MAX = 64;
const ITEMS_MAX = 64;
const DEPTH_MAX = 20;

/**
 * Text for the scrubber, which cuts it to `max` UTF-16 code units: `CUT_SLACK` more are handed over, so
 * that no secret is judged by its first half.
 */
export function boundedText(text: string, max: number = TEXT_MAX): string {
  return storable(text.length > max + CUT_SLACK ? text.slice(0, max + CUT_SLACK) : text);
}

/** Names that no scrubber cuts: at most `max` code units with a visible cut. */
export function cutName(name: string, max: number = NAME_MAX): string {
  return name.length > max ? storable(name.slice(0, max - CUT_MARK.length)) + CUT_MARK : storable(name);
}

/** Without NUL, which PostgreSQL refuses, and half surrogate pairs, which UTF-8 cannot say. */
function storable(text: string): string {
  const safe = text.isWellFormed() ? text : text.toWellFormed();
  return safe.includes("\0") ? safe.replaceAll("\0", "\u{fffd}") : safe;
}

/** Strings as they are, numbers and booleans in words, anything else null; for the scrubber, like `boundedText`. */
export function textOrNull(value: unknown, max: number = TEXT_MAX): string | null {
  if (typeof value === "string") return value === "" ? null : boundedText(value, max);
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

/**
 * A copy of any JSON value with at most 64 keys or items per level and 20 levels; deeper and wider parts
 * are replaced by a visible cut. Recursion is bounded by the 20 levels, however deep the value is.
 */
export function boundedValue(value: unknown, depth: number = DEPTH_MAX): unknown {
  if (typeof value === "string") return boundedText(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth <= 1) return CUT_MARK;
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (let i = 0; i < value.length && i < ITEMS_MAX; i += 1) items.push(boundedValue(value[i], depth - 1));
    if (value.length > ITEMS_MAX) items.push(CUT_MARK);
    return items;
  }
  return isRecord(value) ? boundedRecord(value, depth) : null;
}

function boundedRecord(record: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  let kept = 0;
  for (const key in record) {
    // Assigning this key would set the copy's prototype.
    if (key === "__proto__") continue;
    if (kept >= KEYS_MAX) {
      copy[CUT_MARK] = true;
      break;
    }
    copy[cutName(key)] = boundedValue(record[key], depth - 1);
    kept += 1;
  }
  return copy;
}

/** Both ends of a long list: the first `head` and the last `tail`, in order. */
export function bothEnds<T>(list: readonly T[], head: number, tail: number): readonly T[] {
  return list.length <= head + tail ? list : [...list.slice(0, head), ...list.slice(-tail)];
}
