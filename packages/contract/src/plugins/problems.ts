import { z } from "zod";
import { parseJson } from "../json.ts";
import { knownKeys } from "../known-keys.ts";
import { nearest } from "../nearest.ts";
import { MANIFEST_FILE, PluginManifest } from "./manifest.ts";
import { SCOPE_NAMES } from "./scopes.ts";

/** One mistake of a document: where it stands, what was expected there, and what was probably meant. */
export const PluginProblem = z.strictObject({
  file: z.string(),
  /** `permissions.required.0.scope`; empty: the whole document. */
  path: z.string(),
  expected: z.string(),
  nearest: z.string().nullable(),
});
export type PluginProblem = z.infer<typeof PluginProblem>;

export const problemLine = ({ file, path, expected, nearest: near }: PluginProblem): string =>
  `${file}${path === "" ? "" : `: ${path}`}: expected ${expected}${near === null ? "" : `; did you mean ${near}`}`;

/** More than this is no manifest. */
export const MAX_MANIFEST = 262_144;

export type ReadManifest =
  | { readonly kind: "manifest"; readonly manifest: PluginManifest }
  | { readonly kind: "invalid"; readonly problems: readonly PluginProblem[] };

export function readManifest(source: string, file = MANIFEST_FILE): ReadManifest {
  const whole = (expected: string): ReadManifest => ({
    kind: "invalid",
    problems: [{ file, path: "", expected, nearest: null }],
  });
  if (source.length > MAX_MANIFEST) return whole(`at most ${MAX_MANIFEST} characters`);
  const value = parseJson(source);
  if (value === undefined) return whole("JSON");
  if (isTooDeep(value)) return whole("at most 32 levels");
  const parsed = PluginManifest.safeParse(value);
  if (parsed.success && parsed.data.dialect !== undefined) {
    const expected = "nothing: a plugin of another protocol is named in that one's configuration";
    return { kind: "invalid", problems: [{ file, path: "dialect", expected, nearest: null }] };
  }
  return parsed.success
    ? { kind: "manifest", manifest: parsed.data }
    : { kind: "invalid", problems: problemsOf(PluginManifest, parsed.error.issues, value, file) };
}

/** What a schema says of a document, for whoever wrote it. A misspelt key that is required is missing as well; the misspelling says it all. */
export function problemsOf(
  schema: z.ZodType,
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  file: string,
): PluginProblem[] {
  const misspelt = new Set(issues.filter(({ code }) => code === "unrecognized_keys").map(({ path }) => path.join(".")));
  const found = issues.flatMap((issue): PluginProblem[] => {
    const path = issue.path.map(String).join(".");
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => {
        const known = knownKeys(schema, issue.path);
        const near = nearest(key, known);
        return {
          file,
          path: [path, shown(key)].filter(Boolean).join("."),
          expected: `nothing: there is no such key${near === null && known.length > 0 ? ` (known are ${known.join(", ")})` : ""}`,
          nearest: near,
        };
      });
    const typed = valueAt(value, issue.path);
    if (typed === undefined && misspelt.has(issue.path.slice(0, -1).join("."))) return [];
    const wrongKey = typed === undefined ? misspelling(issue, value) : null;
    if (wrongKey !== null) {
      const [key, meant] = wrongKey;
      const at = [...issue.path.slice(0, -1), shown(key)].map(String).join(".");
      return [{ file, path: at, expected: "nothing: there is no such key", nearest: meant }];
    }
    return [{ file, path, expected: expectedOf(issue, typed), nearest: nearestOf(issue, typed) }];
  });
  return found.slice(0, 100);
}

function expectedOf(issue: z.core.$ZodIssue, typed: unknown): string {
  switch (issue.code) {
    case "invalid_type": {
      const type = TYPES[issue.expected] ?? issue.expected;
      return typed === undefined ? `${type}; it is required` : `${type} and not ${kindOf(typed)}`;
    }
    case "invalid_value":
      return `${issue.values.length === 1 ? "the value " : "one of "}${issue.values.map(String).join(", ")}`;
    case "invalid_union": {
      const options: unknown = Reflect.get(issue, "options");
      return Array.isArray(options) ? `one of ${options.map(String).join(", ")}` : "a field of a known type";
    }
    case "too_small":
      return `at least ${issue.minimum}${UNITS[issue.origin] ?? ""}`;
    case "too_big":
      return `at most ${issue.maximum}${UNITS[issue.origin] ?? ""}`;
    case "invalid_key":
      return "a key of the form that stands in the documentation";
    default:
      return issue.message;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  int: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};
const UNITS: Readonly<Record<string, string>> = { string: " characters", array: " entries" };

const kindOf = (value: unknown): string =>
  value === null
    ? "null"
    : Array.isArray(value)
      ? "a list"
      : typeof value === "object"
        ? "an object"
        : typeof value === "string"
          ? "text"
          : typeof value === "boolean"
            ? "true or false"
            : "such a number";

/** What was probably meant, where the place takes one of a few words. */
function nearestOf(issue: z.core.$ZodIssue, typed: unknown): string | null {
  if (typeof typed !== "string") return null;
  if (issue.code === "invalid_value")
    return nearest(
      typed,
      issue.values.filter((one) => typeof one === "string"),
    );
  if (issue.code !== "custom") return null;
  const { nearestScope, nearestOf: among }: { nearestScope?: unknown; nearestOf?: unknown } = issue.params ?? {};
  if (typeof nearestScope === "string") return nearest(nearestScope, SCOPE_NAMES);
  return Array.isArray(among)
    ? nearest(
        typed,
        among.filter((one) => typeof one === "string"),
      )
    : null;
}

/** What tells one form of a thing from the others is missing where its key is misspelt. */
function misspelling(issue: z.core.$ZodIssue, value: unknown): [key: string, meant: string] | null {
  const key = String(issue.path.at(-1) ?? "");
  const holder = valueAt(value, issue.path.slice(0, -1));
  const keys =
    typeof holder === "object" && holder !== null && issue.code === "invalid_union" ? Object.keys(holder) : [];
  const meant = keys.find((one) => nearest(one, [key]) !== null);
  return meant === undefined ? null : [meant, key];
}

/** Keys are what an outsider wrote: enough of one to find it, on one line. */
const shown = (key: string): string => key.replaceAll(/[^ -~]/g, "?").slice(0, 60);

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined;
    at = Reflect.get(at, part);
  }
  return at;
}

/** A parser of ours that walks a document goes only so deep. */
export function isTooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth >= 32 || Object.values(value).some((one) => isTooDeep(one, depth + 1));
}
