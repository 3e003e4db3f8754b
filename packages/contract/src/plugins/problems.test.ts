import { describe, expect, it } from "vitest";
import { malformed, unclear } from "./malformed-fixture.ts";
import { PluginManifest } from "./manifest.ts";
import { problemLine, readManifest, type PluginProblem } from "./problems.ts";

const GOOD = {
  manifestVersion: 1,
  name: "github-pr-ops",
  version: "0.1.0",
  description: "Looks after pull requests.",
  license: "Apache-2.0",
  kind: "local",
  entry: "src/index.ts",
  engines: { prunella: ">=0.1.0" },
  namespace: "github-pr",
  commands: [
    {
      name: "review",
      summary: "Reviews one",
      risk: "read_only",
      input: { properties: { url: { type: "string", maxLength: 200 }, deep: { type: "boolean" } }, required: ["url"] },
      uses: ["github:pull_request:read", "net:read"],
      timeoutMs: 30_000,
      phrase: "review {url}",
    },
  ],
  listens: [{ event: "kernel.plugin_error", filter: { category: ["dispatch"] }, reason: "Files what failed." }],
  hooks: [{ name: "before_invocation", failure: "fail_closed", timeoutMs: 1_000 }],
  capabilities: [{ name: "state", access: "write", quotaMb: 10, reason: "Remembers what it reviewed." }],
  permissions: {
    required: [{ scope: "github:pull_request:read", resources: ["$event.repo"], reason: "Reads them." }],
    optional: [{ scope: "github:comment:write", risk: "write", reason: "Answers." }],
  },
  network: [{ host: "api.example.com", methods: ["GET"], path: "/v1/", reason: "Looks up names." }],
  filesystem: [{ root: "workspace", access: "read", reason: "Reads the checkout." }],
  process: [{ template: ["git", "log", "--oneline", "{n:int}"], reason: "Reads the history." }],
  limits: { memoryMb: 192, calls: 200, egressKb: 512 },
  config: {},
};

/** Of a server of tools, which asks for nothing else. */
const SERVER = {
  manifestVersion: 1,
  name: "notes",
  version: "0.1.0",
  description: "Looks things up in notes.",
  license: "Apache-2.0",
  kind: "mcp-stdio",
  command: ["node", "server.mjs"],
  engines: { prunella: ">=0.1.0" },
  namespace: "notes",
  capabilities: [{ name: "mcp", access: "attach", reason: "Its tools are called." }],
};

const problemsOf = (value: unknown): readonly PluginProblem[] => {
  const read = readManifest(JSON.stringify(value));
  return read.kind === "invalid" ? read.problems : [];
};

/** Names that people chose. */
const MALFORMED = malformed(GOOD, (path) => /(?:properties|filter)$/.test(path.slice(0, -1).join(".")));

/** One that is a program, by its own words. */
const PROGRAM = {
  ...GOOD,
  kind: "program",
  entry: undefined,
  program: {
    command: ["python3", "-m", "pr_ops"],
    hooks: [
      {
        name: "before_invocation",
        failure: "fail_closed",
        uses: ["program:text:read"],
        timeoutMs: 1_000,
        command: ["sh"],
      },
    ],
  },
  commands: [
    {
      ...GOOD.commands[0],
      input: { properties: { argv: { type: "array", items: { type: "string" } } } },
      uses: ["program:text:read"],
      phrase: undefined,
    },
  ],
  permissions: { required: [{ scope: "program:text:read", risk: "read_only", reason: "Reads." }], optional: [] },
  listens: [],
  hooks: [],
  capabilities: [],
  network: [],
  filesystem: [],
  process: [],
};

describe("a manifest", () => {
  it("is read when it is whole", () => {
    expect(problemsOf(GOOD)).toEqual([]);
    expect(PluginManifest.parse(GOOD).commands[0]?.requiresConfirmation).toBe(false);
  });

  it("is answered with file, place, what was expected and what was meant, for each of three hundred mistakes", () => {
    expect(MALFORMED.length).toBeGreaterThan(300);
    expect(unclear(MALFORMED, "prunella.plugin.json", problemsOf)).toEqual([]);
  });

  it("that is of a program is answered the same way", () => {
    const good: unknown = JSON.parse(JSON.stringify(PROGRAM));
    expect(problemsOf(good)).toEqual([]);
    const all = malformed(good, (path) => path.includes("properties"));
    expect(all.length).toBeGreaterThan(150);
    expect(unclear(all, "prunella.plugin.json", problemsOf)).toEqual([]);
  });

  it.each([
    [{ capabilities: GOOD.capabilities }, "capabilities: expected nothing: a program is started for its commands"],
    [
      { permissions: { required: [{ scope: "github:issue:read", risk: "read_only", reason: "Reads." }] } },
      "permissions.required.0.scope: expected program: and one to four words",
    ],
    [
      { commands: [{ ...PROGRAM.commands[0], input: GOOD.commands[0]?.input }] },
      "commands.0.input.properties.url: expected argv alone",
    ],
  ])("that is of a program has no way to ask: %j", (change, line) => {
    const told = problemsOf(JSON.parse(JSON.stringify({ ...PROGRAM, ...change }))).map(problemLine);
    expect(told.some((one) => one.startsWith(`prunella.plugin.json: ${line}`))).toBe(true);
  });

  it("of another kind has no scopes of a program's own", () => {
    const asked = { required: [{ scope: "program:text:read", risk: "read_only", reason: "Reads." }] };
    expect(problemsOf({ ...GOOD, permissions: asked }).map(problemLine)).toContainEqual(
      "prunella.plugin.json: permissions.required.0.scope: expected a scope of the registry: this kind has none of its own",
    );
  });

  it.each([
    ["{", "prunella.plugin.json: expected JSON"],
    ["[]", "prunella.plugin.json: expected an object and not a list"],
    [
      JSON.stringify({ ...GOOD, kind: "lokal" }),
      "prunella.plugin.json: kind: expected one of local, http, github-workflow, mcp-stdio, program; did you mean local",
    ],
    [
      JSON.stringify({ ...GOOD, entry: undefined }),
      "prunella.plugin.json: entry: expected a value: the kind local needs it",
    ],
    [
      JSON.stringify({ ...GOOD, namespace: "projects" }),
      "prunella.plugin.json: namespace: expected another word: projects is one of Prunella's own commands",
    ],
    [
      JSON.stringify({ ...GOOD, entry: "../../etc/passwd.ts" }),
      "prunella.plugin.json: entry: expected a file below the plugin's folder, such as src/index.ts",
    ],
    [
      JSON.stringify({ ...GOOD, process: [{ template: ["--share-net", "ls"], reason: "Lists." }] }),
      "prunella.plugin.json: process.0.template: expected a program first, and neither an option nor a place to fill",
    ],
    [
      JSON.stringify({ ...GOOD, process: [{ template: ["{program:word}"], reason: "Runs it." }] }),
      "prunella.plugin.json: process.0.template: expected a program first, and neither an option nor a place to fill",
    ],
    [
      JSON.stringify({ ...SERVER, command: ["--bind", "/"] }),
      "prunella.plugin.json: command: expected a program first, and no option",
    ],
  ])("says what is wrong with %.40s", (text, line) => {
    const read = readManifest(text);
    expect(read.kind === "invalid" ? read.problems.map(problemLine) : []).toEqual([line]);
  });

  it("names the nearest scope of the registry for one that is not in it", () => {
    const asked = { required: [{ scope: "github:pull_requests:read", reason: "Reads them." }] };
    const commands = [{ ...GOOD.commands[0], uses: [] }];
    expect(problemsOf({ ...GOOD, commands, permissions: asked }).map(problemLine)).toEqual([
      "prunella.plugin.json: permissions.required.0.scope: expected a scope of the registry; did you mean github:pull_request:read",
    ]);
  });

  it("lets no command use what the plugin does not ask for, nor be less than its risk", () => {
    const [command] = GOOD.commands;
    const uses = (scope: string, risk = "read_only") =>
      problemsOf({ ...GOOD, commands: [{ ...command, risk, uses: [scope] }] }).map(problemLine);
    expect(uses("github:issue:read")).toEqual([
      expect.stringMatching(/^prunella.plugin.json: commands.0.uses.0: expected a scope that the plugin asks for/),
    ]);
    expect(uses("github:comment:write")).toEqual([
      "prunella.plugin.json: commands.0.risk: expected write: it uses github:comment:write",
    ]);
    expect(uses("github:comment:write", "write")).toEqual([]);
  });

  it("is refused when it is deep without end, or larger than any", () => {
    expect(readManifest(`${'{"a":'.repeat(40)}1${"}".repeat(40)}`)).toMatchObject({
      problems: [{ expected: "at most 32 levels" }],
    });
    expect(readManifest(" ".repeat(300_000))).toMatchObject({ kind: "invalid" });
  });
});
