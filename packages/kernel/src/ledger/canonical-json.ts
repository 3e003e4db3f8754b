import { PrunellaError } from "@prunella/contract";

/** Ledger entries are flat; whatever nests deeper than this is not one of ours. */
const MAX_DEPTH = 64;

/**
 * One value, one text (RFC 8785, JCS): keys sorted by UTF-16 code units, numbers and strings as
 * ECMAScript serialises them, no white space. Refuses what JSON cannot say exactly: undefined,
 * NaN and the infinities, bigint, lone surrogates, anything but plain objects and arrays.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

/**
 * Whether `text`, which parsed to `value`, is its canonical JSON. Verification asks this of every
 * entry, so the engine's own serialiser answers where it can: it agrees with RFC 8785 when the keys
 * come sorted and no escape stands for a lone surrogate.
 */
export function isCanonicalJson(text: string, value: unknown): boolean {
  if (!text.includes("\\ud") && hasSortedKeys(value, 0)) return JSON.stringify(value) === text;
  try {
    return canonicalJson(value) === text;
  } catch {
    return false; // what canonical JSON cannot hold has no canonical text
  }
}

function hasSortedKeys(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth > MAX_DEPTH || Array.isArray(value)) return false; // the slow way knows
  let last = "";
  for (const [key, member] of Object.entries(value)) {
    if (key < last || !hasSortedKeys(member, depth + 1)) return false;
    last = key;
  }
  return true;
}

function write(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw refuse(`nesting deeper than ${MAX_DEPTH}`);
  switch (typeof value) {
    case "string":
      return writeString(value);
    case "number":
      if (!Number.isFinite(value)) throw refuse("a number that is not finite");
      return JSON.stringify(value); // -0 becomes 0, as RFC 8785 wants
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? writeArray(value, depth) : writeObject(value, depth);
    default:
      throw refuse(`a value of type ${typeof value}`);
  }
}

function writeString(text: string): string {
  if (!text.isWellFormed()) throw refuse("a lone surrogate");
  return JSON.stringify(text);
}

function writeArray(items: readonly unknown[], depth: number): string {
  let text = "[";
  // By index, so that a hole is seen as undefined and refused.
  for (let i = 0; i < items.length; i++) text += (i === 0 ? "" : ",") + write(items[i], depth + 1);
  return `${text}]`;
}

function writeObject(object: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) throw refuse("an object that is not plain");
  // Array.prototype.sort without a comparator compares UTF-16 code units, which is RFC 8785's order.
  const members: Record<string, unknown> = { ...object };
  let text = "";
  for (const key of Object.keys(members).sort()) {
    text += `${text === "" ? "{" : ","}${writeString(key)}:${write(members[key], depth + 1)}`;
  }
  return text === "" ? "{}" : `${text}}`;
}

function refuse(what: string): PrunellaError {
  return new PrunellaError("PRUNELLA_INTERNAL", { detail: `Canonical JSON cannot hold ${what}.` });
}
