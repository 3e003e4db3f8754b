import { parseJson } from "@prunella/contract/json";
import { nearest } from "@prunella/contract/nearest";
import { z } from "zod";

export const MANIFEST_FILE = "ouroboros.plugin.json";

export const SCHEMA_VERSIONS = ["0.1", "0.2", "0.3", "0.4", "0.6"] as const;

const Name = z.string().regex(/^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$/, "3 to 64 of a-z, 0-9 and -, none at an end");
const CommandName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/, "2 to 64 of a-z, 0-9 and -, none at an end");
const Scope = z.string().regex(/^[a-z][a-z0-9_-]*(?::[a-z][a-z0-9_-]*){0,3}$/, "one to four words with : between them");
const Risk = z.enum(["read_only", "write", "destructive"]);
const Text = z.string().min(1);
const Entrypoint = z.strictObject({ type: z.literal("command"), command: Text });
const Seconds = z.int().min(1).max(3_600);

const Command = z.strictObject({
  namespace: Name,
  name: CommandName,
  summary: Text,
  usage: Text,
  risk: Risk,
  requires_confirmation: z.boolean().default(false),
  arguments: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z][a-z0-9_-]*$/, "a-z, 0-9, _ and -, a letter first"),
        type: z.enum(["string", "boolean", "integer", "path", "url"]),
        required: z.boolean(),
        description: z.string().optional(),
      }),
    )
    .default([]),
  /** Of those of the plugin; absent: all of them. */
  permissions: z.array(Scope).optional(),
  timeout_seconds: Seconds.optional(),
});

export const HOOKS = [
  "before_invocation",
  "after_invocation",
  "on_error",
  "on_cancel",
  "before_tool_call",
  "after_tool_call",
  "on_rewind",
] as const;

const Hook = z.strictObject({
  name: z.enum(HOOKS),
  description: z.string().optional(),
  entrypoint: Entrypoint,
  failure_policy: z.enum(["fail_open", "fail_closed"]),
  permissions: z.array(Scope).default([]),
  timeout_seconds: Seconds.optional(),
});

export const AUDIT_EVENTS = [
  "plugin.discovered",
  "plugin.installed",
  "plugin.trusted",
  "plugin.invoked",
  "plugin.permission_used",
  "plugin.completed",
  "plugin.failed",
] as const;

/** What a UserLevel plugin is and asks for; keys that begin with `x-` are its own. */
export const OuroborosManifest = z
  .strictObject({
    schema_version: z.enum(SCHEMA_VERSIONS),
    name: Name,
    version: z.string().regex(/^\d+\.\d+\.\d+$/, "three numbers with dots between them"),
    description: z.string().default(""),
    source: z.strictObject({
      type: z.enum(["local_path", "plugin_home", "first_party"]),
      path: Text.optional(),
      repository: Text.optional(),
    }),
    commands: z.array(Command).min(1),
    capabilities: z.array(
      z.strictObject({
        name: z.enum(["seed", "ledger", "state", "provenance", "runtime", "mcp", "handoff", "progress"]),
        access: z.enum(["read", "write", "execute", "attach"]),
        reason: z.string().optional(),
      }),
    ),
    permissions: z.array(
      z.strictObject({ scope: Scope, risk: Risk, required: z.boolean(), reason: z.string().optional() }),
    ),
    entrypoint: Entrypoint,
    audit: z.strictObject({ events: z.array(z.string()).min(1) }).optional(),
    hooks: z.array(Hook).default([]),
  })
  .check(({ value, issues }) => {
    const declared = new Set(value.permissions.map(({ scope }) => scope));
    for (const [at, command] of value.commands.entries()) {
      for (const [of, scope] of (command.permissions ?? []).entries()) {
        if (declared.has(scope)) continue;
        const message = `one of the plugin's permissions (${[...declared].join(", ") || "it has none"})`;
        issues.push({ code: "custom", input: scope, path: ["commands", at, "permissions", of], message });
      }
    }
    const { type, path } = value.source;
    if (type !== "first_party" && path === undefined) {
      issues.push({
        code: "custom",
        input: value.source,
        path: ["source", "path"],
        message: `a path, which ${type} needs`,
      });
    }
  });
export type OuroborosManifest = z.infer<typeof OuroborosManifest>;

export interface ManifestMistake {
  /** JSON pointer. */
  readonly path: string;
  readonly expected: string;
  readonly nearest: string | null;
}

export type ManifestReading =
  | { readonly ok: true; readonly manifest: OuroborosManifest }
  | { readonly ok: false; readonly mistakes: readonly ManifestMistake[] };

const MOST_CHARACTERS = 1_048_576;

/** Reads `ouroboros.plugin.json`; every mistake with its place, what was expected and what was nearest. */
export function readManifest(text: string): ManifestReading {
  if (text.length > MOST_CHARACTERS) return wrong(`at most ${MOST_CHARACTERS} characters`);
  const value = parseJson(text);
  if (value === undefined) return wrong("a JSON document");
  const read = OuroborosManifest.safeParse(withoutOwnKeys(value, 0));
  return read.success
    ? { ok: true, manifest: read.data }
    : { ok: false, mistakes: read.error.issues.flatMap((issue) => mistakesOf(issue, value)) };
}

const wrong = (expected: string): ManifestReading => ({ ok: false, mistakes: [{ path: "", expected, nearest: null }] });

const MOST_DEEP = 32;

function withoutOwnKeys(value: unknown, depth: number): unknown {
  if (depth > MOST_DEEP || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => withoutOwnKeys(one, depth + 1));
  const kept = Object.entries(value).filter(([key]) => !key.startsWith("x-"));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutOwnKeys(inner, depth + 1)]));
}

function mistakesOf(issue: z.core.$ZodIssue, document: unknown): ManifestMistake[] {
  const path = pointer(issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(issue.path);
    return issue.keys.map((key) => ({
      path: `${path}${pointer([key])}`,
      expected: "no such key",
      nearest: nearest(key, known),
    }));
  }
  if (issue.code === "invalid_value") {
    const found = at(document, issue.path);
    const values = issue.values.map(String);
    return [{ path, expected: values.join(" | "), nearest: typeof found === "string" ? nearest(found, values) : null }];
  }
  return [{ path, expected: issue.message, nearest: null }];
}

const pointer = (path: readonly PropertyKey[]) =>
  path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** The keys that may stand where a key stood that is none. */
function keysAt(path: readonly PropertyKey[]): string[] {
  const [part, , inner] = path.map(String);
  if (part === undefined) return Object.keys(OuroborosManifest.shape);
  if (part === "commands")
    return Object.keys(inner === "arguments" ? Command.shape.arguments.unwrap().element.shape : Command.shape);
  if (part === "hooks") return Object.keys(Hook.shape);
  return ["name", "access", "reason", "scope", "risk", "required", "type", "path", "repository", "command", "events"];
}

function at(document: unknown, path: readonly PropertyKey[]): unknown {
  let value = document;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}
