import { describe, expect, it } from "vitest";
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

type Path = readonly (string | number)[];
const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (found, key) => (typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined),
    value,
  );
/** A copy in which `change` was done to what holds the last part of the path. */
function changed(path: Path, change: (holder: object, key: string | number) => void): unknown {
  const copy: unknown = structuredClone(GOOD);
  const holder = at(copy, path.slice(0, -1));
  const key = path.at(-1);
  if (typeof holder === "object" && holder !== null && key !== undefined) change(holder, key);
  return copy;
}
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [
    ...(path.length === 0 ? [] : [path]),
    ...keys.flatMap((key) => pathsOf(Reflect.get(value, key), [...path, key])),
  ];
}

/** Names that people chose: any word may stand there. */
const isFree = (path: Path): boolean => /(?:properties|filter)$/.test(path.slice(0, -1).join("."));
/** A wrong value of every kind at every place, and every key misspelt. */
const MALFORMED = pathsOf(GOOD).flatMap((path) => {
  const name = path.join(".");
  const key = path.at(-1);
  const wrong = [null, true, -1, 1.5, "\u0000", [[]], { nothing: 1 }]
    .filter((value) => typeof value !== typeof at(GOOD, path) || value === "\u0000" || value === -1)
    .map((value) => ({
      name: `${name} = ${JSON.stringify(value)}`,
      path: name,
      near: null,
      value: changed(path, (holder) => Reflect.set(holder, key ?? "", value)),
    }));
  const misspelt =
    typeof key === "string" && !isFree(path) && key.length > 3
      ? [
          {
            name: `${name} misspelt`,
            path: [...path.slice(0, -1), `${key}x`].join("."),
            near: key,
            value: changed(path, (holder) => {
              Reflect.set(holder, `${key}x`, Reflect.get(holder, key));
              Reflect.deleteProperty(holder, key);
            }),
          },
        ]
      : [];
  return [...wrong, ...misspelt];
});

describe("a manifest", () => {
  it("is read when it is whole", () => {
    expect(problemsOf(GOOD)).toEqual([]);
    expect(PluginManifest.parse(GOOD).commands[0]?.requiresConfirmation).toBe(false);
  });

  it("is answered with file, place, what was expected and what was meant, for each of three hundred mistakes", () => {
    expect(MALFORMED.length).toBeGreaterThan(300);
    const unclear = MALFORMED.filter(({ path, near, value }) => {
      const problems = problemsOf(value);
      const isPlaced = problems.some(
        (one) => one.path === path || one.path.startsWith(`${path}.`) || path.startsWith(`${one.path}.`),
      );
      const isSaid = problems.every(
        ({ file, expected }) =>
          file === "prunella.plugin.json" && expected.length > 3 && !/invalid|undefined|\[object/i.test(expected),
      );
      return (
        problems.length === 0 ||
        !isPlaced ||
        !isSaid ||
        (near !== null && !problems.some((one) => one.nearest === near))
      );
    });
    expect(unclear.map(({ name, value }) => [name, problemsOf(value)])).toEqual([]);
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
