import { isRecord } from "./record.ts";

/** What stands where something was left out, so that nobody takes a part for the whole. */
export const CUT = "…[cut]";

/** Longest human text, in UTF-16 code units. */
export const TEXT_MAX = 8192;
/** Longest name: function, file, release, tag. */
export const NAME_MAX = 512;
const KEYS_MAX = 64;
const ITEMS_MAX = 64;
const DEPTH_MAX = 20;

/**
 * Text that any store can keep: at most `max` code units with a visible cut, no NUL (PostgreSQL refuses
 * it), no half surrogate pair (UTF-8 cannot say it).
 */
export function boundedText(text: string, max: number = TEXT_MAX): string {
  let safe = text.length > max ? text.slice(0, max - CUT.length) : text;
  // A cut through a surrogate pair leaves its first half.
  if (!safe.isWellFormed()) safe = safe.toWellFormed();
  if (safe.includes("\0")) safe = safe.replaceAll("\0", "\u{fffd}");
  return text.length > max ? safe + CUT : safe;
}

/** Strings as they are, numbers and booleans in words, anything else null. */
export function textOrNull(value: unknown, max: number = TEXT_MAX): string | null {
  if (typeof value === "string") return value === "" ? null : boundedText(value, max);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return null;
}

/**
 * A copy of any JSON value with at most 64 keys or items per level and 20 levels; deeper and wider parts
 * are replaced by a visible cut. Recursion is bounded by the 20 levels, however deep the value is.
 */
export function boundedValue(value: unknown, depth: number = DEPTH_MAX): unknown {
  if (typeof value === "string") return boundedText(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth <= 1) return CUT;
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (let i = 0; i < value.length && i < ITEMS_MAX; i += 1) items.push(boundedValue(value[i], depth - 1));
    if (value.length > ITEMS_MAX) items.push(CUT);
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
      copy[CUT] = true;
      break;
    }
    copy[key.length > NAME_MAX || !key.isWellFormed() || key.includes("\0") ? boundedText(key, NAME_MAX) : key] =
      boundedValue(record[key], depth - 1);
    kept += 1;
  }
  return copy;
}

/** Both ends of a long list: the first `head` and the last `tail`, in order. */
export function bothEnds<T>(list: readonly T[], head: number, tail: number): readonly T[] {
  return list.length <= head + tail ? list : [...list.slice(0, head), ...list.slice(-tail)];
}
