import { parseJson } from "@prunella/contract/json";
import { z } from "zod";
import { LISTENABLE } from "./events.ts";
import { nearest as nearestOf } from "@prunella/contract/nearest";

const Example = z.object({
  commandInvocation: z.string().min(1),
  githubContext: z.record(z.string(), z.unknown()).optional(),
  expectedToolCallResult: z.object({ function: z.string().min(1), parameters: z.record(z.string(), z.unknown()) }),
});

const Command = z.object({
  description: z.string().min(1),
  "ubiquity:example": z.string().min(1),
  parameters: z.record(z.string(), z.unknown()).optional(),
  examples: z.array(Example).default([]),
});

/**
 * A plugin's own description: `manifest.json` of its repository, or `GET <url>/manifest.json`. What it has besides
 * is left alone, as its own readers leave it.
 */
export const UbiquityManifest = z.object({
  name: z.string().min(1),
  /** Absent in manifests of before it was invented. */
  short_name: z.string().min(1).optional(),
  description: z.string().default(""),
  commands: z.record(z.string().regex(/^[\w-]+$/), Command).default({}),
  "ubiquity:listeners": z.array(z.string().refine((name) => LISTENABLE.has(name), "unknown_listener")).default([]),
  configuration: z.record(z.string(), z.unknown()).default({}),
  skipBotEvents: z.boolean().default(true),
  homepage_url: z.string().optional(),
});
export type UbiquityManifest = z.infer<typeof UbiquityManifest>;

export const MANIFEST_REASONS = [
  "too_large",
  "not_json",
  "missing",
  "wrong_type",
  "empty",
  "unknown_listener",
  "bad_name",
] as const;
export type ManifestReason = (typeof MANIFEST_REASONS)[number];

export interface ManifestProblem {
  readonly reason: ManifestReason;
  /** Where in the document, as a JSON pointer: `/commands/hello/description`. */
  readonly path: string;
  readonly expected: string;
  readonly nearest: string | null;
}

export type ManifestReading =
  | { readonly ok: true; readonly manifest: UbiquityManifest; readonly ignored: readonly ManifestProblem[] }
  | { readonly ok: false; readonly problems: readonly [ManifestProblem, ...ManifestProblem[]] };

/** Real ones are some kilobytes; the largest known has 24. */
const MOST_CHARACTERS = 1_048_576;

/** Accepts a manifest or says of every fault of it where it stands and what was expected. */
export function readManifest(text: string): ManifestReading {
  if (text.length > MOST_CHARACTERS) return refused("too_large", "", `at most ${MOST_CHARACTERS} characters`);
  const value = parseJson(text);
  if (value === undefined) return refused("not_json", "", "a JSON document");
  const read = UbiquityManifest.safeParse(value);
  if (read.success) return { ok: true, manifest: read.data, ignored: misspelt(value) };
  const [first, ...others] = read.error.issues.map((issue) => problemOf(issue, value));
  return first === undefined ? refused("wrong_type", "", "an object") : { ok: false, problems: [first, ...others] };
}

const refused = (reason: ManifestReason, path: string, expected: string): ManifestReading => ({
  ok: false,
  problems: [{ reason, path, expected, nearest: null }],
});

type Issue = z.core.$ZodIssue;

function problemOf(issue: Issue, document: unknown): ManifestProblem {
  const path = issue.path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  const found = at(document, issue.path);
  if (issue.code === "custom") {
    const nearest = typeof found === "string" ? nearestOf(found, [...LISTENABLE]) : null;
    return { reason: "unknown_listener", path, expected: "the name of an event, or event.action", nearest };
  }
  if (issue.code === "invalid_key" || issue.code === "invalid_format") {
    return { reason: "bad_name", path, expected: "letters, digits, - and _", nearest: null };
  }
  if (issue.code === "too_small") return { reason: "empty", path, expected: "at least one character", nearest: null };
  const expected = issue.code === "invalid_type" ? (KINDS[issue.expected] ?? issue.expected) : issue.message;
  const last = issue.path.at(-1);
  const around = at(document, issue.path.slice(0, -1));
  if (found !== undefined || typeof last !== "string" || around === undefined) {
    return { reason: "wrong_type", path, expected, nearest: null };
  }
  return { reason: "missing", path, expected, nearest: nearestOf(last, keysOf(around)) };
}

/** Keys that are nothing here and look like one that is: they are accepted, and whoever reads on is told. */
function misspelt(document: unknown): ManifestProblem[] {
  const known = Object.keys(UbiquityManifest.shape);
  return keysOf(document).flatMap((key): ManifestProblem[] => {
    if (known.includes(key)) return [];
    const nearest = nearestOf(key, known);
    return nearest === null ? [] : [{ reason: "bad_name", path: `/${key}`, expected: "a known key", nearest }];
  });
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

const keysOf = (value: unknown): string[] =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];

function at(document: unknown, path: readonly PropertyKey[]): unknown {
  let value = document;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}
