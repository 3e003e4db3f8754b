import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** What Zod calls the types, as people who write YAML or JSON call them. */
const TYPES: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "a string",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "a mapping",
  record: "a mapping",
  null: "nothing",
};

/**
 * What was expected at a place of `whole`, in words, and what stood there instead. A schema that says it in words of
 * its own is left alone.
 */
export function expectedOf(issue: Issue, whole: unknown): string {
  const value = valueAt(whole, issue.path);
  // Zod's own words begin like this, those of our schemas never do.
  if (!/^(Invalid (input|option)|Too (small|big))\b/.test(issue.message)) return issue.message;
  const expected = wordsOf(issue);
  if (expected === null) return issue.message;
  if (value === undefined) return `it is missing; expected ${expected}`;
  // That it is a string says nothing where another string was expected.
  const isOther = typeof value === "string" && issue.code !== "invalid_type";
  return isOther ? `expected ${expected}` : `expected ${expected}, not ${shown(value, expected)}`;
}

/** What stands at a place; undefined where nothing does. */
export const valueAt = (whole: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    whole,
  );

function wordsOf(issue: Issue): string | null {
  if (issue.code === "invalid_type") return TYPES[issue.expected] ?? null;
  if (issue.code === "invalid_value") {
    const values = issue.values.map((one) => String(one));
    return values.length === 1 ? `${values[0]}` : `one of ${values.join(", ")}`;
  }
  if (issue.code === "too_small") return `at least ${amount(issue.minimum, issue.origin)}`;
  if (issue.code === "too_big") return `at most ${amount(issue.maximum, issue.origin)}`;
  return null;
}

function amount(bound: number | bigint, origin: string): string {
  const many = Number(bound) === 1 ? "" : "s";
  if (origin === "string") return `${bound} character${many}`;
  if (origin === "array" || origin === "set") return `${bound} of them`;
  if (origin === "object" || origin === "record" || origin === "map") return `${bound} key${many}`;
  return String(bound);
}

/** Of what kind it is. A number shows itself where one was expected; anything else could be a secret at a wrong place. */
function shown(value: unknown, expected: string): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (value === null) return "nothing";
  if (typeof value === "number")
    return /number|at (least|most) -?\d+(\.\d+)?$/.test(expected) ? String(value) : "a number";
  return TYPES[typeof value] ?? `a ${typeof value}`;
}
