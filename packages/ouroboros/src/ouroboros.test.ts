import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { malformed, unclear, type Path } from "../../contract/src/plugins/malformed-fixture.ts";
import { expect, test } from "vitest";
import { argvSummary, AuditEvent, auditEvents, type Step } from "./audit.ts";
import { artifactDigest, type TreeEntry } from "./digest.ts";
import { HOOKS, readManifest, SCHEMA_VERSIONS } from "./manifest.ts";
import { readPlugin } from "./plugin.ts";
import { wordsOf } from "./words.ts";

const good = {
  schema_version: "0.1",
  name: "greeter",
  version: "0.1.0",
  source: { type: "plugin_home", path: "plugins/greeter" },
  commands: [{ namespace: "greeter", name: "hi", summary: "Says hi.", usage: "greeter hi <who>", risk: "read_only" }],
  capabilities: [{ name: "ledger", access: "read" }],
  permissions: [{ scope: "github:pull_request:read", risk: "read_only", required: true, reason: "Reads." }],
  entrypoint: { type: "command", command: "python -m greeter" },
};

test.each(SCHEMA_VERSIONS)("takes a manifest of schema %s, its own keys left aside", (schema_version) => {
  const read = readManifest(
    JSON.stringify({ ...good, schema_version, "x-team": 1, source: { ...good.source, "x-y": [] } }),
  );
  expect(read).toMatchObject({ ok: true, manifest: { name: "greeter", hooks: [], description: "" } });
});

test("takes every hook that there is", () => {
  const hooks = HOOKS.map((name) => ({
    name,
    entrypoint: good.entrypoint,
    failure_policy: "fail_closed",
    permissions: ["plugin:lifecycle:read"],
  }));
  const permissions = [...good.permissions, { scope: "plugin:lifecycle:read", risk: "read_only", required: true }];
  expect(readManifest(JSON.stringify({ ...good, permissions, hooks }))).toMatchObject({
    ok: true,
    manifest: { hooks: { length: HOOKS.length } },
  });
});

test.each([
  [{ schema_version: "0.5" }, { path: "schema_version", expected: `one of ${SCHEMA_VERSIONS.join(", ")}` }],
  [{ comands: [] }, { path: "comands", nearest: "commands" }],
  [{ commands: [] }, { path: "commands" }],
  [{ commands: [{ ...good.commands[0], riks: "write" }] }, { path: "commands.0.riks", nearest: "risk" }],
  [{ commands: [{ ...good.commands[0], risk: "readonly" }] }, { path: "commands.0.risk", nearest: "read_only" }],
  [
    { commands: [{ ...good.commands[0], permissions: ["github:issue:write"] }] },
    { path: "commands.0.permissions.0", expected: expect.stringContaining("github:pull_request:read") },
  ],
  [{ capabilities: [{ name: "ledgr", access: "read" }] }, { path: "capabilities.0.name", nearest: "ledger" }],
  [{ name: "Greeter" }, { path: "name", expected: "3 to 64 of a-z, 0-9 and -, none at an end" }],
  [{ source: { type: "plugin_home" } }, { path: "source.path" }],
  [{ entrypoint: undefined }, { path: "entrypoint" }],
])("%j is refused with its place", (change, mistake) => {
  const read = readManifest(JSON.stringify({ ...good, ...change }));
  expect(!read.ok && read.problems).toContainEqual(expect.objectContaining(mistake));
});

/** All that a manifest may say. */
const whole = {
  ...good,
  schema_version: "0.6",
  description: "Greets.",
  source: { ...good.source, repository: "https://git.example.org/greeter" },
  commands: [
    {
      ...good.commands[0],
      requires_confirmation: true,
      arguments: [{ name: "who", type: "string", required: true, description: "whom" }],
      permissions: ["github:pull_request:read"],
      timeout_seconds: 20,
    },
  ],
  capabilities: [{ name: "ledger", access: "read", reason: "Reads." }],
  audit: { events: ["plugin.invoked"] },
  hooks: [
    {
      name: "before_invocation",
      description: "Looks.",
      entrypoint: { type: "command", command: "python -m greeter.look" },
      failure_policy: "fail_closed",
      permissions: ["github:pull_request:read"],
      timeout_seconds: 5,
    },
  ],
};
const told = (value: unknown) => {
  const read = readPlugin(JSON.stringify(value), "plugins/greeter/ouroboros.plugin.json");
  return read.kind === "invalid" ? read.problems : [];
};
/** Sentences and events are anything; a control character in them is made a space. */
const isSentence = (path: Path) =>
  /(?:description|reason|summary|usage|path|repository|events\.\d+)$/.test(path.join("."));

test("each of three hundred mistakes is answered with file, place, what was expected and what was meant", () => {
  expect(told(whole)).toEqual([]);
  const all = malformed(
    whole,
    () => false,
    (path, value) => value === "\u0000" && isSentence(path),
  );
  expect(all.length).toBeGreaterThan(300);
  expect(unclear(all, "plugins/greeter/ouroboros.plugin.json", told)).toEqual([]);
});

test.each(["''", "--bind /", "sh 'x", "sh \\", "  ", `sh ${"x ".repeat(64)}`, `sh ${"x".repeat(1_001)}`])(
  "%.20j is no command to start, and told where it stands",
  (command) => {
    const entrypoint = { type: "command", command };
    const expected = "a program and at most 63 arguments, every quote closed, without zero bytes";
    expect(told({ ...whole, entrypoint })).toMatchObject([{ path: "entrypoint.command", expected }]);
    const rewind = { ...whole.hooks[0], name: "on_rewind" };
    expect(told({ ...whole, hooks: [rewind, { ...whole.hooks[0], entrypoint }] })).toMatchObject([
      { path: "hooks.1.entrypoint.command", expected },
    ]);
  },
);

test("what is no document is refused", () => {
  for (const text of ["", "{", "[]", "null", "1"]) expect(readManifest(text).ok).toBe(false);
});

const file = (path: string, text: string, isExecutable = false): TreeEntry => ({
  kind: "file",
  path,
  isExecutable,
  content: Buffer.from(text),
});

/** A second reading of the same definition, in another language. */
const PYTHON = `
import hashlib, os, stat, sys
root = sys.argv[1]
records = []
for folder, folders, files in os.walk(root):
    for name in files + [f for f in folders if os.path.islink(os.path.join(folder, f))]:
        path = os.path.join(folder, name)
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode): bits, body = "0777", os.readlink(path).encode()
        else: bits, body = ("0755" if mode & stat.S_IXUSR else "0644"), open(path, "rb").read()
        inside = os.path.relpath(path, root)
        records.append(bits.encode() + b"\\0" + inside.encode() + b"\\0" + hashlib.sha256(body).hexdigest().encode() + b"\\0")
print("sha256:" + hashlib.sha256(b"".join(sorted(records))).hexdigest())
`;

test("agrees on a real tree with a second implementation in another language", () => {
  const root = mkdtempSync(join(tmpdir(), "prunella-tree-"));
  const entries: TreeEntry[] = [
    file("ouroboros.plugin.json", "{}"),
    file("bin/run", "#!/bin/sh\n", true),
    file("bin-2/run", "x"),
    file("a/Ünïcode 👋.py", "print(1)"),
    file("a.py", ""),
    { kind: "link", path: "a/link", target: "../bin/run" },
    { kind: "link", path: "folder", target: "a" },
  ];
  try {
    for (const entry of entries) {
      const path = join(root, entry.path);
      mkdirSync(dirname(path), { recursive: true });
      if (entry.kind === "link") symlinkSync(entry.target, path);
      if (entry.kind === "file") writeFileSync(path, entry.content);
      if (entry.kind === "file" && entry.isExecutable) chmodSync(path, 0o755);
    }
    const theirs = execFileSync("python3", ["-c", PYTHON, root], { encoding: "utf8" }).trim();
    expect(artifactDigest(entries)).toEqual({ ok: true, digest: theirs });
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("order is nothing, and every byte, bit and name is something", () => {
  const one = file("a", "x");
  fc.assert(
    fc.property(fc.shuffledSubarray(["a", "b", "c/d", "é"], { minLength: 4 }), (paths) => {
      const entries = paths.map((path) => file(path, path));
      expect(artifactDigest(entries)).toEqual(artifactDigest(entries.toReversed()));
    }),
    { numRuns: 20 },
  );
  const all = [
    [one],
    [file("a", "y")],
    [file("b", "x")],
    [file("a", "x", true)],
    [one, file("b", "")],
    [{ kind: "link", path: "a", target: "x" } as const],
  ];
  expect(new Set(all.map((entries) => JSON.stringify(artifactDigest(entries)))).size).toBe(all.length);
});

test.each([
  [{ kind: "link", path: "a/b", target: "../../etc" } as const],
  [{ kind: "link", path: "a", target: "/etc/passwd" } as const],
  [{ kind: "other", path: "pipe" } as const],
  [file("../a", "x")],
  [file("/a", "x")],
])("%j is no part of an artifact", (entry) => {
  expect(artifactDigest([entry])).toMatchObject({ ok: false, path: entry.path });
});

const step: Step = {
  plugin: { name: "greeter", version: "0.1.0", source_type: "plugin_home" },
  namespace: "greeter",
  command: "hi",
  argv: argvSummary(["hi", "Ada"]),
  at: 5,
  what: "invoked",
  message: null,
  capabilitiesUsed: ["ledger:read"],
  permissionsUsed: ["github:pull_request:read", "github:issue:read"],
  provenance: { digest: "sha256:00" },
};

test("a run leaves invoked, each permission that it used, and completed, in Ouroboros' own schema and without its arguments", () => {
  const events = [step, { ...step, what: "completed" as const, permissionsUsed: [] }].flatMap(auditEvents);
  expect(events.map(({ event_type, permissions_used }) => [event_type, permissions_used])).toEqual([
    ["plugin.invoked", []],
    ["plugin.permission_used", ["github:pull_request:read"]],
    ["plugin.permission_used", ["github:issue:read"]],
    ["plugin.completed", []],
  ]);
  for (const event of events) expect(AuditEvent.parse(event)).toEqual(event);
  expect(JSON.stringify(events)).not.toContain("Ada");
});

test("why a run failed stands in the event that says so, and not beside what it used", () => {
  const events = auditEvents({ ...step, what: "failed", message: "It ended with code 2." });
  expect(events.map(({ event_type, result }) => [event_type, result.message])).toEqual([
    ["plugin.permission_used", undefined],
    ["plugin.permission_used", undefined],
    ["plugin.failed", "It ended with code 2."],
  ]);
});

test("arguments are told apart without counting what stands between them", () => {
  expect(argvSummary(["ab", "cd"])).toMatchObject({ argc: 2, byte_length: 4 });
  expect(argvSummary(["ab", "cd"]).sha256).not.toBe(argvSummary(["abcd"]).sha256);
  expect(argvSummary(["é"]).byte_length).toBe(2);
});

test.each(["blocked", "disabled", "trust_subject_changed"] as const)(
  "a run that was %s leaves failed and no invoked",
  (what) => {
    const events = auditEvents({ ...step, what, message: "Not trusted." });
    expect(events).toMatchObject([
      {
        event_type: "plugin.failed",
        permissions_used: [],
        result: { status: what === "disabled" ? "blocked" : what, message: "Not trusted." },
      },
    ]);
  },
);

/** As Python's own splitter has it; null where it refuses. */
const SPLIT = `
import json, shlex, sys
def split(text):
    try: return shlex.split(text)
    except ValueError: return None
print(json.dumps([split(text) for text in json.load(sys.stdin)]))
`;

test("splits a command as another language's POSIX splitter does", () => {
  const letters = fc.constantFrom("a", "b", " ", "\t", "'", '"', "\\", "\n", "é", "$x", "*", "|");
  const commands = [
    "python -m greeter",
    `sh -c 'echo "a b"' ''`,
    'a "b \\" c" d\\ e',
    "",
    "  ",
    '"',
    "a\\",
    ...fc.sample(
      fc.array(letters, { maxLength: 12 }).map((parts) => parts.join("")),
      { numRuns: 2_000, seed: 1 },
    ),
  ];
  const theirs: unknown = JSON.parse(
    execFileSync("python3", ["-c", SPLIT], { encoding: "utf8", input: JSON.stringify(commands) }),
  );
  expect(commands.map(wordsOf)).toEqual(theirs);
});
