import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AuditEvent, artifactDigest, type TreeEntry } from "@prunella/ouroboros";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { field, text } from "../../cli-fixture.ts";
import { inProcess } from "../../run-fixture.ts";
import { probeBubblewrap } from "../../../../server/src/platform/sandbox/bubblewrap.ts";
import { openServer, type ServerFixture } from "../../../../../test/end-to-end/server-fixture.ts";
import { needs } from "../../../../../test/needs.ts";

const canRun = needs("bubblewrap", (await probeBubblewrap(AbortSignal.timeout(10_000))) === null);
const secret = ["ghp", "x1Y2z3A4b5C6d7E8f9G0h1I2j3K4l5M6n7O8"].join("_");

const MANIFEST = {
  schema_version: "0.4",
  name: "pr-ops",
  version: "0.1.0",
  description: "Looks after pull requests.",
  source: { type: "local_path", path: "plugins/pr-ops" },
  commands: [
    {
      namespace: "pr-ops",
      name: "review",
      summary: "Reviews one.",
      usage: "ooo pr-ops review <url> --policy <name>",
      risk: "read_only",
      arguments: [{ name: "url", type: "url", required: true, description: "which one" }],
    },
    { namespace: "pr-ops", name: "lines", summary: "Two.", usage: "ooo pr-ops lines", risk: "read_only" },
    { namespace: "pr-ops", name: "break", summary: "Breaks.", usage: "ooo pr-ops break", risk: "read_only" },
    {
      namespace: "pr-ops",
      name: "merge",
      summary: "Merges.",
      usage: "ooo pr-ops merge",
      risk: "write",
      requires_confirmation: true,
      permissions: ["github:pull_request:write"],
    },
  ],
  capabilities: [{ name: "handoff", access: "attach", reason: "Hands on." }],
  permissions: [
    { scope: "github:read", risk: "read_only", required: true, reason: "Reads them." },
    { scope: "plugin:lifecycle:policy", risk: "read_only", required: true },
    { scope: "github:pull_request:write", risk: "write", required: false, reason: "Merges them." },
  ],
  entrypoint: { type: "command", command: "python -m 'pr_ops'" },
  hooks: [
    {
      name: "before_invocation",
      entrypoint: { type: "command", command: "bin/policy" },
      failure_policy: "fail_closed",
      permissions: ["plugin:lifecycle:policy"],
    },
    {
      name: "before_tool_call",
      entrypoint: { type: "command", command: "sh bin/tool" },
      failure_policy: "fail_closed",
      permissions: ["plugin:lifecycle:policy"],
    },
    {
      name: "after_invocation",
      entrypoint: { type: "command", command: "no-such-program" },
      failure_policy: "fail_open",
    },
  ],
  "x-team": "ours",
};

const PROGRAM = `
import os, sys
command, argv = sys.argv[1], sys.argv[2:]
if command == "break":
    print("token=" + argv[0], file=sys.stderr)
    sys.exit(3)
if command == "lines":
    print('{\\n  "a": 1\\n}')
    sys.exit(0)
print(command, argv, os.getcwd(), sorted(name for name in os.environ if name.startswith("OUROBOROS")))
`;

const root = mkdtempSync(join(tmpdir(), "prunella-ouroboros-"));
let fixture: ServerFixture;
let server: string[];
beforeAll(async () => {
  fixture = await openServer();
  server = ["--data", fixture.folder];
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});
/** Options of ours stand before what is a program's own. */
const run = (...typed: string[]) => inProcess([...typed.slice(0, 2), ...server, ...typed.slice(2)]);

function plugin(folder: string, manifest: object = {}, policy = "exit 0"): string {
  const path = join(root, folder);
  const files: [string, string, number][] = [
    ["ouroboros.plugin.json", JSON.stringify({ ...MANIFEST, ...manifest }), 0o644],
    ["pr_ops/__init__.py", "", 0o644],
    ["pr_ops/__main__.py", PROGRAM, 0o644],
    ["bin/policy", `#!/bin/sh\n${policy}\n`, 0o755],
    ["bin/tool", 'case "$OUROBOROS_PLUGIN_TOOL_CALL_PAYLOAD" in *forbidden*) exit 1;; esac\n', 0o644],
  ];
  for (const [name, body, mode] of files) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), body);
    chmodSync(join(path, name), mode);
  }
  symlinkSync("policy", join(path, "bin/link"));
  return path;
}

/** By the dialect's own reading, from what was written above and not from what was installed. */
const digestOf = (manifest: object = {}, policy = "exit 0"): string => {
  const file = (path: string, body: string, isExecutable = false): TreeEntry => ({
    kind: "file",
    path,
    isExecutable,
    content: Buffer.from(body),
  });
  const read = artifactDigest([
    file("ouroboros.plugin.json", JSON.stringify({ ...MANIFEST, ...manifest })),
    file("pr_ops/__init__.py", ""),
    file("pr_ops/__main__.py", PROGRAM),
    file("bin/policy", `#!/bin/sh\n${policy}\n`, true),
    file("bin/tool", 'case "$OUROBOROS_PLUGIN_TOOL_CALL_PAYLOAD" in *forbidden*) exit 1;; esac\n'),
    { kind: "link", path: "bin/link", target: "policy" },
  ]);
  return read.ok ? read.digest : "";
};

const exported = async (): Promise<AuditEvent[]> => {
  const { code, out } = await run("ledger", "export", "--format", "ouroboros");
  expect(code).toBe(0);
  return out
    .split("\n")
    .filter(Boolean)
    .map((line) => AuditEvent.parse(JSON.parse(line)));
};
const short = ({ event_type, command, result, permissions_used }: AuditEvent) =>
  [event_type, command.name, result.status, ...permissions_used].join(" ");

describe.runIf(canRun)("a plugin of Ouroboros", () => {
  it("installs with its digest, asks for its own permissions by name, runs in the layer, and leaves its log", async () => {
    const path = plugin("pr-ops");
    const added = await run("plugin", "add", path, "--json");
    expect(added.code).toBe(0);
    const answer: unknown = JSON.parse(added.out);
    expect(text(field(field(answer, "detail"), "plugin"), "digest")).toBe(digestOf());
    expect([field(answer, "notice"), text(field(field(answer, "detail"), "plugin"), "kind")]).toEqual([
      null,
      "program",
    ]);

    const refused = await run("pr-ops", "review", "https://example.com/1");
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain("needs program:github:read, which nobody granted");
    expect(refused.err).toContain("plugin trust pr-ops --required");
    expect((await exported()).map(short)).toEqual(["plugin.failed review blocked"]);

    const trusted = await run("plugin", "trust", "pr-ops", "--required");
    expect(trusted.out).toContain("pr-ops may be started for what it calls github:read in default.");
    const ran = await run("pr-ops", "review", "https://example.com/1", "--policy", "a b", "--deep");
    expect([ran.code, ran.err]).toEqual([0, ""]);
    expect(ran.out).toBe(
      "review ['https://example.com/1', '--policy', 'a b', '--deep'] /plugin ['OUROBOROS_PLUGIN_HOME', 'OUROBOROS_PLUGIN_OUTPUT_DIR', 'OUROBOROS_PLUGIN_WORKDIR']\n",
    );
    expect((await run("pr-ops", "lines")).out).toBe('{\n  "a": 1\n}\n');
    const events = await exported();
    expect(events.map(short).slice(1, 5)).toEqual([
      "plugin.invoked review success",
      "plugin.permission_used review success github:read",
      "plugin.permission_used review success plugin:lifecycle:policy",
      "plugin.completed review success",
    ]);
    expect(events[1]).toMatchObject({
      plugin: { name: "pr-ops", version: "0.1.0", source_type: "local_path" },
      command: { namespace: "pr-ops", argv_summary: { argc: 4 } },
      trust_state: "trusted",
      provenance: { artifact_digest: digestOf() },
    });
    expect(JSON.stringify(events)).not.toContain("example.com");
    const info = await run("plugin", "info", "pr-ops");
    expect(info.out).toMatch(/program:github:read +read only +yes +2 +0/);
  });

  it("shows what a command takes, and hands everything behind -- to the program", async () => {
    const help = await run("pr-ops", "review", "--help");
    expect(help.out).toContain("ooo pr-ops review <url> --policy <name>");
    expect(help.out).toContain("; url: url, which");
    const ran = await run("pr-ops", "review", "--", "--help", "--json");
    expect(ran.out).toMatch(/^review \['--help', '--json'\]/);
  });

  it("says how it failed without what it must not say", async () => {
    const ran = await run("pr-ops", "break", secret);
    expect(ran.code).toBe(1);
    expect(ran.out).toContain("pr-ops break failed: It ended with code 3; its last words: token=");
    const last = (await exported()).at(-1);
    expect(last).toMatchObject({ event_type: "plugin.failed", result: { status: "failed" } });
    for (const written of [ran.out, JSON.stringify(last), fixture.written().toString("latin1")])
      expect(written.includes(secret)).toBe(false);
  });

  it("begins no command whose own permission nobody granted, and asks where its manifest wants a yes", async () => {
    const refused = await run("pr-ops", "merge");
    expect(refused.err).toContain("plugin trust pr-ops --scope program:github:pull_request:write");
    await run("plugin", "trust", "pr-ops", "--scope", "program:github:pull_request:write");
    expect((await run("pr-ops", "merge")).err).toContain("is write (argv=[]), and wants a yes.");
    expect((await run("pr-ops", "merge", "--confirm", "x")).out).toMatch(/^merge \['x'\]/);
    await run("plugin", "revoke", "pr-ops", "--scope", "program:github:pull_request:write");
    expect((await run("pr-ops", "merge")).code).not.toBe(0);
  });

  it("is stopped by its hooks before anything is written down as invoked", async () => {
    const before = (await exported()).length;
    const stopped = await run("pr-ops", "review", "forbidden");
    expect(stopped.err).toContain("Its hook before_tool_call said no, with code 1.");
    expect((await exported()).slice(before).map(short)).toEqual(["plugin.failed review blocked"]);
  });

  it("does not run when a byte of it is another, and runs again once it was taken anew", async () => {
    const bundles = join(fixture.folder, "plugins/bundles");
    const tree = join(bundles, digestOf().slice("sha256:".length), "tree");
    expect(readdirSync(bundles)).toEqual([digestOf().slice("sha256:".length)]);
    chmodSync(join(tree, "bin/tool"), 0o755);
    const before = (await exported()).length;
    expect((await run("plugin", "verify")).out).toContain("changed");
    expect((await run("pr-ops", "review", "1")).err).toContain("plugin update pr-ops");
    expect((await exported()).slice(before).map(short)).toEqual(["plugin.failed review trust_subject_changed"]);
    await run("plugin", "update", "pr-ops");
    expect((await run("pr-ops", "review", "1")).code).toBe(0);
  });

  it("is told to be disabled, whatever it was granted", async () => {
    await run("plugin", "disable", "pr-ops");
    const before = (await exported()).length;
    expect((await run("pr-ops", "review", "1")).err).toContain("pr-ops is disabled.");
    const [event] = (await exported()).slice(before);
    expect(event).toMatchObject({
      event_type: "plugin.failed",
      trust_state: "disabled",
      result: { status: "blocked" },
    });
  });
});

describe.runIf(canRun)("the example", () => {
  it("counts, and its hook stops what has nothing to count", async () => {
    await run("plugin", "add", join(import.meta.dirname, "../../../../../examples/plugins/text-facts"));
    await run("plugin", "trust", "text-facts", "--scope", "program:text:read");
    expect((await run("text-facts", "count", "one two three")).out).toBe("3 words\n");
    expect((await run("text-facts", "count", "one two three", "--letters")).out).toBe("11 letters\n");
    expect((await run("text-facts", "count")).err).toContain(
      "Its hook before_tool_call said no, with code 1; its last words: there is nothing to count.",
    );
    expect((await run("text-facts", "count", "a", "b")).out).toContain("It ended with code 2; its last words: usage:");
  });
});

describe("what is no plugin of Ouroboros", () => {
  it.each([
    [
      { entrypoint: { type: "command", command: "sh 'x" } },
      "entrypoint.command: expected a program and at most 63 arguments",
    ],
    [{ schema_version: "0.5" }, "schema_version: expected one of 0.1, 0.2, 0.3, 0.4, 0.6"],
    [{ comands: [] }, "comands: expected nothing: there is no such key; did you mean commands"],
    [
      { commands: [...MANIFEST.commands, { ...MANIFEST.commands[1], namespace: "other" }] },
      "commands.4.namespace: expected pr-ops: a plugin has one namespace",
    ],
  ])("%j is refused with its place", async (manifest, told) => {
    const refused = await run(
      "plugin",
      "add",
      plugin(`bad-${Object.keys(manifest).join("-")}-${told.length}`, manifest),
    );
    expect(refused.err).toContain(`ouroboros.plugin.json: ${told}`);
  });

  it("leads out of its folder by no link", async () => {
    const path = plugin("leaving");
    symlinkSync("../../../etc/passwd", join(path, "bin/out"));
    expect((await run("plugin", "add", path)).err).toContain("bin/out: expected nothing that leads out");
  });
});
