import { parseJson } from "@prunella/contract/json";
import { isTooDeep, problemsOf, type PluginProblem } from "@prunella/contract/plugins";
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
  .superRefine((manifest, context) => {
    const declared = manifest.permissions.map(({ scope }) => scope);
    const no = (path: (string | number)[], message: string, params: Readonly<Record<string, unknown>> = {}): void =>
      context.addIssue({ code: "custom", path, message, params });
    for (const list of ["commands", "hooks"] as const)
      for (const [at, { permissions = [] }] of manifest[list].entries())
        for (const [nth, scope] of permissions.entries())
          if (!declared.includes(scope))
            no(
              [list, at, "permissions", nth],
              `one of the plugin's permissions (${declared.join(", ") || "it has none"})`,
              {
                nearestOf: declared,
              },
            );
    const { type, path } = manifest.source;
    if (type !== "first_party" && path === undefined) no(["source", "path"], `text; ${type} needs it`);
  });
export type OuroborosManifest = z.infer<typeof OuroborosManifest>;

export type ManifestReading =
  | { readonly ok: true; readonly manifest: OuroborosManifest }
  | { readonly ok: false; readonly problems: readonly PluginProblem[] };

const MOST_CHARACTERS = 1_048_576;

/** Reads `ouroboros.plugin.json`; every mistake with its place, what was expected and what was nearest. */
export function readManifest(text: string, file: string = MANIFEST_FILE): ManifestReading {
  const wrong = (expected: string): ManifestReading => ({
    ok: false,
    problems: [{ file, path: "", expected, nearest: null }],
  });
  if (text.length > MOST_CHARACTERS) return wrong(`at most ${MOST_CHARACTERS} characters`);
  const parsed = parseJson(text);
  if (parsed === undefined) return wrong("JSON");
  if (isTooDeep(parsed)) return wrong("at most 32 levels");
  const value = withoutOwnKeys(parsed);
  const read = OuroborosManifest.safeParse(value);
  return read.success
    ? { ok: true, manifest: read.data }
    : { ok: false, problems: problemsOf(OuroborosManifest, read.error.issues, value, file) };
}

function withoutOwnKeys(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutOwnKeys);
  const kept = Object.entries(value).filter(([key]) => !key.startsWith("x-"));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutOwnKeys(inner)]));
}
