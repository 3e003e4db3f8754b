import { z } from "zod";
import { OutboundUrl } from "../outbound-url.ts";
import { isEngineRange } from "./engine-range.ts";
import { Fields } from "./fields.ts";
import { CommandName, line, PluginName, RESERVED_NAMESPACES } from "./names.ts";
import { misplacedOutside } from "./outside.ts";
import { requestsOf } from "./requests.ts";
import { resourceMisfit } from "./resources.ts";
import { Access, Capability, isNamedScope, isOwnScope, Risk, SCOPES } from "./scopes.ts";

/** Its file in the plugin's folder. */
export const MANIFEST_FILE = "prunella.plugin.json";

const reason = line(500);
const timeoutMs = z.int().min(100).max(3_600_000);
const uses = z.array(z.string().max(80)).max(64).prefault([]);
const EventName = z
  .string()
  .regex(/^[a-z][a-z0-9_.]{0,79}$/, "an event's name is a-z, 0-9, _ and ., such as kernel.plugin_error");

export const PluginCommand = z.strictObject({
  name: CommandName,
  summary: line(200),
  risk: Risk,
  input: Fields.prefault({}),
  output: Fields.prefault({}),
  /** Scopes that this command uses of those that the plugin asks for; a call of any other is refused while it runs. */
  uses,
  timeoutMs: timeoutMs.prefault(30_000),
  /** A person is asked once, and shown the arguments. Whatever is destructive asks anyway. */
  requiresConfirmation: z.boolean().default(false),
  /** A sentence that this command answers, with its arguments in braces: `say hi to {name}`. */
  phrase: line(200).optional(),
  /** Of `mcp-stdio`: the tool of its server; left out, the one of this name. */
  tool: z
    .string()
    .regex(/^[!-~]{1,128}$/, "a tool's name")
    .optional(),
});
export type PluginCommand = z.infer<typeof PluginCommand>;

const Listener = z.strictObject({
  event: EventName,
  /** A field of the event and the values that it may have; all must hold. */
  filter: z.record(z.string().regex(/^[a-z][A-Za-z0-9_.]{0,79}$/), z.array(line(200)).min(1).max(100)).prefault({}),
  uses,
  /** Events that it caused itself are not told to it. */
  skipSelf: z.boolean().default(true),
  reason,
});

const Hook = z.strictObject({
  name: z.enum([
    "before_invocation",
    "after_invocation",
    "on_error",
    "on_cancel",
    "before_tool_call",
    "after_tool_call",
  ]),
  /** What a hook that fails or takes too long means: `fail_closed` blocks. */
  failure: z.enum(["fail_open", "fail_closed"]),
  uses,
  timeoutMs: z.int().min(100).max(60_000).prefault(5_000),
});

const Asked = z.strictObject({
  scope: z.string().max(80),
  /** Left out: all of the scope. */
  resources: z.array(z.string().min(1).max(300)).min(1).max(100).prefault(["*"]),
  risk: Risk.optional(),
  reason,
});

const Address = z.strictObject({
  host: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, "a host name in lower case, such as api.example.com"),
  port: z.int().min(1).max(65_535).prefault(443),
  methods: z
    .array(z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]))
    .min(1)
    .max(6),
  path: z
    .string()
    .regex(/^\/[!-~]{0,499}$/, "a path that begins with /")
    .prefault("/"),
  reason,
});

const Root = z.strictObject({
  root: z.string().regex(/^[a-z][a-z0-9_-]{0,47}$/, "the name of a root, such as workspace"),
  access: z.enum(["read", "write"]),
  reason,
});

/** A part is fixed, or `{name:int}` or `{name:word}`: nothing that a caller gives can become an option. */
const TemplatePart = z
  .string()
  .regex(
    /^(?:[A-Za-z0-9@%+=:,._/-]{1,200}|\{[a-z][a-z0-9_]{0,31}:(?:int|word)\})$/,
    "a plain word, {name:int} or {name:word}",
  );
const Template = z.strictObject({
  template: z
    .array(TemplatePart)
    .min(1)
    .max(64)
    .refine(([program = ""]) => !/^[{-]/.test(program), "a program first, and neither an option nor a place to fill"),
  reason,
});

const words = z
  .array(
    z
      .string()
      .max(1_000)
      .regex(/^[^\0]*$/, "a word without zero bytes"),
  )
  .min(1)
  .max(64)
  .refine(([program = ""]) => program !== "" && !program.startsWith("-"), "a program first, and no option");

/** A program as it lies in the plugin's folder, started anew for each command and each hook. */
const Program = z.strictObject({
  /** Program and first arguments, without a shell; the command's name and its own arguments follow. */
  command: words,
  hooks: z
    .array(
      z.strictObject({
        ...Hook.shape,
        timeoutMs,
        command: words,
      }),
    )
    .max(64)
    .prefault([]),
});

/** Listed once, such as `by` for commands; the second is the mistake. */
const twice = (names: readonly string[]): number => names.findIndex((name, at) => names.indexOf(name) < at);

export const PluginManifest = z
  .strictObject({
    manifestVersion: z.literal(1),
    name: PluginName,
    version: z
      .string()
      .regex(
        /^(?:0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,8})(?:-[0-9A-Za-z.-]{1,64})?$/,
        "a version is major.minor.patch, such as 0.1.0",
      ),
    description: line(2_000),
    license: line(100),
    kind: z.enum(["local", "http", "github-workflow", "mcp-stdio", "program"]),
    /** Of `local`: the file that is bundled. */
    entry: z
      .string()
      .regex(
        /^(?!\/|.*(?:^|\/)\.\.?(?:\/|$))[A-Za-z0-9._@/-]{1,200}\.(?:ts|mts|js|mjs)$/,
        "a file below the plugin's folder, such as src/index.ts",
      )
      .optional(),
    /** Of `http`. */
    url: OutboundUrl.optional(),
    /** Of `github-workflow`. */
    workflow: z
      .strictObject({
        repository: z.string().regex(/^[A-Za-z0-9._-]{1,100}\/[A-Za-z0-9._-]{1,100}$/, "owner/name"),
        file: z.string().regex(/^[A-Za-z0-9._-]{1,100}\.ya?ml$/, "the workflow's file, such as compute.yml"),
        /** Workflows are started at branches and tags, never at a commit. */
        ref: z.string().regex(/^[A-Za-z0-9._/-]{1,200}$/, "a branch or a tag"),
        /** What that ref must name; left out, what it names at the installation. */
        commit: z
          .string()
          .regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/, "a whole commit id: 40 or 64 hex digits")
          .optional(),
      })
      .optional(),
    /** Of `mcp-stdio`: program and arguments, without a shell. It stands in the plugin's folder when it starts. */
    command: z
      .array(line(1_000))
      .min(1)
      .max(64)
      .refine(([program = ""]) => !program.startsWith("-"), "a program first, and no option")
      .optional(),
    /** Of `program`. */
    program: Program.optional(),
    engines: z.strictObject({
      prunella: z.string().max(100).refine(isEngineRange, "a range such as >=0.1.0 or ^0.1.0"),
    }),
    namespace: PluginName,
    commands: z.array(PluginCommand).max(100).prefault([]),
    listens: z.array(Listener).max(100).prefault([]),
    hooks: z.array(Hook).max(16).prefault([]),
    capabilities: z
      .array(
        z.strictObject({
          name: Capability,
          access: Access,
          quotaMb: z.int().min(1).max(1_000).optional(),
          reason,
        }),
      )
      .max(32)
      .prefault([]),
    permissions: z
      .strictObject({
        required: z.array(Asked).max(64).prefault([]),
        optional: z.array(Asked).max(64).prefault([]),
      })
      .prefault({}),
    network: z.array(Address).max(64).prefault([]),
    filesystem: z.array(Root).max(16).prefault([]),
    process: z.array(Template).max(64).prefault([]),
    limits: z
      .strictObject({
        memoryMb: z.int().min(32).max(4_096).prefault(192),
        cpuSeconds: z.int().min(1).max(3_600).prefault(30),
        /** Broker calls of one invocation. */
        calls: z.int().min(1).max(100_000).prefault(200),
        egressKb: z.int().min(0).max(1_000_000).prefault(512),
      })
      .prefault({}),
    /** What an operator may set for it. */
    config: Fields.prefault({}),
    /** In no file: what speaks a protocol of others made it from theirs, starts it and tells it of events. */
    dialect: z.literal("ubiquityos").optional(),
  })
  .superRefine((manifest, context) => {
    const no = (path: (string | number)[], message: string, params: Readonly<Record<string, unknown>> = {}): void =>
      context.addIssue({ code: "custom", path, message, params });
    const needs = NEEDS[manifest.kind];
    for (const key of Object.values(NEEDS)) {
      if (key === needs && manifest[key] === undefined) no([key], `a value: the kind ${manifest.kind} needs it`);
      if (key !== needs && manifest[key] !== undefined) no([key], `nothing: the kind ${manifest.kind} has no ${key}`);
    }
    if (manifest.kind === "mcp-stdio") for (const { path, expected } of misplacedOf(manifest)) no(path, expected);
    if (manifest.dialect === undefined) for (const { path, expected } of misplacedOutside(manifest)) no(path, expected);
    for (const [at, { tool }] of manifest.commands.entries())
      if (tool !== undefined && manifest.kind !== "mcp-stdio")
        no(["commands", at, "tool"], `nothing: the kind ${manifest.kind} has no tools`);
    if (RESERVED_NAMESPACES.includes(manifest.namespace))
      no(["namespace"], `another word: ${manifest.namespace} is one of Prunella's own commands`);
    for (const list of ["commands", "listens", "hooks"] as const) {
      const names = manifest[list].map((one) => ("event" in one ? one.event : one.name));
      const at = twice(names);
      if (at >= 0) no([list, at], `one entry for each: ${names[at]} stands above`);
    }
    for (const list of ["required", "optional"] as const)
      for (const [at, { scope, resources, risk }] of manifest.permissions[list].entries()) {
        const path = ["permissions", list, at];
        // What a program says of itself: nothing here stands behind it, so only it knows the risk.
        if (manifest.kind === "program") {
          if (!isOwnScope(scope)) no([...path, "scope"], "program: and one to four words with : between them");
          if (risk === undefined) no([...path, "risk"], `one of ${Risk.options.join(", ")}; it is required`);
          if (resources.some((one) => one !== "*")) no([...path, "resources"], "*: this scope has no parts");
          continue;
        }
        const known = SCOPES[scope];
        if (!known || !isNamedScope(scope)) {
          no([...path, "scope"], WHERE[scope.split(":", 1)[0] ?? ""] ?? "a scope of the registry", {
            nearestScope: scope,
          });
          continue;
        }
        if (risk !== undefined && risk !== known.risk) no([...path, "risk"], known.risk);
        for (const [nth, one] of resources.entries()) {
          const expected = resourceMisfit(scope, one);
          if (expected !== null) no([...path, "resources", nth], expected);
        }
      }
    for (const [at, { name, access, quotaMb }] of manifest.capabilities.entries()) {
      if (!Object.hasOwn(SCOPES, `capability:${name}:${access}`))
        no(
          ["capabilities", at, "access"],
          Access.options.filter((one) => Object.hasOwn(SCOPES, `capability:${name}:${one}`)).join(" or "),
        );
      if (quotaMb !== undefined && name !== "state")
        no(["capabilities", at, "quotaMb"], "nothing: only state has a quota");
    }
    if (manifest.kind === "program") {
      for (const key of NOT_OF_PROGRAMS)
        if (manifest[key].length > 0)
          no([key], "nothing: a program is started for its commands, and has no way to ask");
      for (const [at, { input }] of manifest.commands.entries())
        for (const [name, field] of Object.entries(input.properties ?? {}))
          if (name !== "argv" || field.type !== "array" || field.items.type !== "string")
            no(
              [`commands`, at, "input", "properties", name],
              "argv alone, a list of strings: the words behind the command",
            );
    }
    const asked = new Set(requestsOf(manifest).map(({ scope }) => scope));
    for (const [at, { uses: listed }] of (manifest.program?.hooks ?? []).entries())
      for (const [nth, scope] of listed.entries())
        if (!asked.has(scope))
          no(["program", "hooks", at, "uses", nth], "a scope that the plugin asks for", {
            nearestOf: [...asked],
          });
    const risks: readonly Risk[] = Risk.options;
    for (const list of ["commands", "listens", "hooks"] as const)
      for (const [at, one] of manifest[list].entries())
        for (const [nth, scope] of one.uses.entries()) {
          if (!asked.has(scope))
            no([list, at, "uses", nth], "a scope that the plugin asks for", { nearestOf: [...asked], typed: scope });
          const risk = SCOPES[scope]?.risk ?? "read_only";
          if ("risk" in one && risks.indexOf(risk) > risks.indexOf(one.risk))
            no([list, at, "risk"], `${risk}: it uses ${scope}`);
        }
  });
export type PluginManifest = z.infer<typeof PluginManifest>;

/** A server of tools asks its host for nothing: what it may is to be called, to say how far it is, and its folders. */
function misplacedOf(
  manifest: Pick<PluginManifest, "capabilities" | "permissions" | "network" | "process" | "listens" | "hooks">,
): { readonly path: (string | number)[]; readonly expected: string }[] {
  const nothing = "nothing: the kind mcp-stdio has no way to ask its host for something";
  const { capabilities, permissions } = manifest;
  const mayHave = ["mcp:attach", "progress:write"];
  return [
    ...(["network", "process", "listens", "hooks"] as const).flatMap((key) =>
      manifest[key].length > 0 ? [{ path: [key, 0], expected: nothing }] : [],
    ),
    ...(["required", "optional"] as const).flatMap((key) =>
      permissions[key].length > 0 ? [{ path: ["permissions", key, 0], expected: nothing }] : [],
    ),
    ...capabilities.flatMap(({ name, access }, at) =>
      mayHave.includes(`${name}:${access}`)
        ? []
        : [
            {
              path: ["capabilities", at],
              expected: "mcp with attach, or progress with write: it has a use for no other",
            },
          ],
    ),
    ...(capabilities.some(({ name, access }) => name === "mcp" && access === "attach")
      ? []
      : [{ path: ["capabilities"], expected: "an entry for mcp with attach: by it its tools are called" }]),
  ];
}

const NOT_OF_PROGRAMS = ["listens", "hooks", "capabilities", "network", "filesystem", "process"] as const;

const NEEDS = {
  local: "entry",
  http: "url",
  "github-workflow": "workflow",
  "mcp-stdio": "command",
  program: "program",
} as const;

/** Where that which is no named scope is asked for. */
const WHERE: Readonly<Record<string, string>> = {
  net: "an entry of network instead",
  fs: "an entry of filesystem instead",
  process: "an entry of process instead",
  events: "an entry of listens instead",
  capability: "an entry of capabilities instead",
  program: "a scope of the registry: this kind has none of its own",
};
