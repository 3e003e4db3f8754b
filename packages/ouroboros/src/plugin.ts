import { PluginManifest, problemsOf, type PluginProblem } from "@prunella/contract/plugins";
import { MANIFEST_FILE, readManifest, type OuroborosManifest } from "./manifest.ts";
import { wordsOf } from "./words.ts";

export type PluginReading =
  | { readonly kind: "manifest"; readonly manifest: PluginManifest }
  | { readonly kind: "invalid"; readonly problems: readonly PluginProblem[] };

/** Where a command or a hook says no time of its own. */
const USUAL_SECONDS = 300;
/** Nothing here goes back to an earlier state, so nobody would ask these. */
const NEVER_ASKED: ReadonlySet<string> = new Set(["on_rewind"]);

/**
 * A UserLevel plugin as a program above the core: its permissions are scopes of its own, granted before it starts,
 * and its commands take the words behind them as they stand. Its capabilities are not asked for: a program has no
 * way to call them.
 */
export function readPlugin(text: string, file: string = MANIFEST_FILE): PluginReading {
  const read = readManifest(text, file);
  if (!read.ok) return { kind: "invalid", problems: read.problems };
  const problems = misfitsOf(read.manifest).map(([path, expected]) => ({ file, path, expected, nearest: null }));
  if (problems.length > 0) return { kind: "invalid", problems };
  const input = inputOf(read.manifest);
  const parsed = PluginManifest.safeParse(input);
  return parsed.success
    ? { kind: "manifest", manifest: parsed.data }
    : { kind: "invalid", problems: problemsOf(PluginManifest, parsed.error.issues, input, file) };
}

/** What is right there and cannot be here: one plugin has one namespace, and a command is words. */
function misfitsOf({ commands, entrypoint, hooks }: OuroborosManifest): [path: string, expected: string][] {
  const [first] = commands;
  const split: [path: string, command: string][] = [
    ["entrypoint.command", entrypoint.command],
    ...hooks.map((hook, at): [string, string] => [`hooks.${at}.entrypoint.command`, hook.entrypoint.command]),
  ];
  return [
    ...commands.flatMap(({ namespace }, at): [string, string][] =>
      namespace === first?.namespace
        ? []
        : [[`commands.${at}.namespace`, `${first?.namespace}: a plugin has one namespace`]],
    ),
    ...split.flatMap(([path, command]): [string, string][] =>
      isStartable(command)
        ? []
        : [[path, "a program and at most 63 arguments, every quote closed, without zero bytes"]],
    ),
  ];
}

function isStartable(command: string): boolean {
  const found = wordsOf(command) ?? [];
  const [program = ""] = found;
  return (
    program !== "" &&
    !program.startsWith("-") &&
    found.length <= 64 &&
    found.every((word) => word.length <= 1_000 && !word.includes("\0"))
  );
}

function inputOf(manifest: OuroborosManifest) {
  const { commands, permissions, hooks } = manifest;
  const asked = permissions.map(({ scope, risk, required, reason }) => ({
    required,
    one: { scope: ownScope(scope), risk, reason: lineOf(reason, 500) || "It gives no reason." },
  }));
  const required = permissions.filter((one) => one.required).map(({ scope }) => scope);
  return {
    manifestVersion: 1,
    name: manifest.name,
    version: manifest.version,
    description: lineOf(manifest.description, 2_000) || manifest.name,
    license: "not said",
    kind: "program",
    program: {
      command: wordsOf(manifest.entrypoint.command),
      hooks: hooks
        .filter(({ name }) => !NEVER_ASKED.has(name))
        .map((hook) => ({
          name: hook.name,
          command: wordsOf(hook.entrypoint.command),
          failure: hook.failure_policy,
          uses: hook.permissions.map(ownScope),
          timeoutMs: (hook.timeout_seconds ?? USUAL_SECONDS) * 1_000,
        })),
    },
    engines: { prunella: ">=0.1.0" },
    namespace: commands[0]?.namespace,
    commands: commands.map((command) => ({
      name: command.name,
      summary: lineOf(command.summary, 200),
      risk: command.risk,
      input: { properties: { argv: { type: "array", items: { type: "string" }, description: helpOf(command) } } },
      uses: (command.permissions ?? required).map(ownScope),
      timeoutMs: (command.timeout_seconds ?? USUAL_SECONDS) * 1_000,
      requiresConfirmation: command.requires_confirmation,
    })),
    permissions: {
      required: asked.flatMap((each) => (each.required ? [each.one] : [])),
      optional: asked.flatMap((each) => (each.required ? [] : [each.one])),
    },
    limits: {
      cpuSeconds: Math.max(...commands.map((one) => one.timeout_seconds ?? USUAL_SECONDS)),
    },
  };
}

/** How one of its permissions is granted here, and the other way round; null: it is none of a program's own. */
export const ownScope = (permission: string): string => `program:${permission}`;
export const permissionOf = (scope: string): string | null =>
  scope.startsWith("program:") ? scope.slice("program:".length) : null;

const helpOf = ({ usage, arguments: takes }: OuroborosManifest["commands"][number]): string =>
  lineOf(
    `${usage}${takes.map(({ name, type, required, description }) => `; ${name}: ${type}${required ? "" : ", optional"}${description === undefined ? "" : `, ${description}`}`).join("")}`,
    500,
  );

/** What was written over several lines, or moves a cursor, as one line. */
const lineOf = (text: string | undefined, most: number): string =>
  (text ?? "")
    .replaceAll(/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u206f\s]+/gu, " ")
    .trim()
    .slice(0, most)
    .trim();
