import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readManifest, RESERVED_NAMESPACES } from "@prunella/contract/plugins";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prunella } from "../../cli-fixture.ts";
import { inProcess } from "../../run-fixture.ts";
import { createProgram } from "../../tree/program.ts";
import { openServer, type ServerFixture } from "../../../../../test/end-to-end/server-fixture.ts";
import { permissionDiff } from "./install.ts";
import { matchPhrase } from "./run.ts";
import { sourceOf } from "./source.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-plugin-cli-"));
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

const run = (...typed: string[]) => inProcess([...typed, ...server]);

function greeter(
  folder: string,
  more: object = {},
  code = "export default { commands: { hi: ({ name }) => `Hi ${name}` } };",
): string {
  const path = join(root, folder);
  mkdirSync(path, { recursive: true });
  const manifest = {
    manifestVersion: 1,
    name: "greeter",
    version: "0.1.0",
    description: "Greets.",
    license: "MIT",
    kind: "local",
    entry: "index.js",
    engines: { prunella: ">=0.1.0" },
    namespace: "greeter",
    commands: [
      {
        name: "hi",
        summary: "Says hi to somebody",
        risk: "read_only",
        input: {
          properties: { name: { type: "string", description: "whom" }, loud: { type: "boolean" } },
          required: ["name"],
        },
        phrase: "say hi to {name}",
      },
      { name: "wipe", summary: "Wipes", risk: "destructive" },
    ],
    network: [{ host: "api.example.com", methods: ["GET"], path: "/v1/", reason: "Looks names up." }],
    ...more,
  };
  writeFileSync(join(path, "prunella.plugin.json"), JSON.stringify(manifest));
  writeFileSync(join(path, "index.js"), code);
  return path;
}

describe("from a folder to a command", () => {
  it("shows what is asked for, grants nothing, refuses with the command that would allow it, and then does not", async () => {
    const path = greeter("greeter");
    expect((await run("plugin", "list")).out).toContain("No plugin is installed.");
    expect((await run("plugin", "inspect", path)).out).toMatch(
      /net:read of GET api\.example\.com\/v1\/\n\s+Looks names up\.\nNothing was installed\./,
    );
    expect((await run("plugin", "discover", path)).out).toContain("greeter");
    const added = await run("plugin", "add", path);
    expect(added.out).toContain("and granted nothing by that.");
    expect(added.out).toContain("Nothing was granted. Allow what it requires: ");
    const refused = await run("greeter", "hi", "Ada");
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringContaining("needs net:read of GET api.example.com/v1/, which nobody granted."),
    ]);
    expect(refused.err).toContain(
      "Allow it: prunella plugin trust greeter --scope net:read --resource 'GET api.example.com/v1/'\n",
    );
    const trusted = await run(
      "plugin",
      "trust",
      "greeter",
      "--scope",
      "net:read",
      "--resource",
      "GET api.example.com/v1/",
      "--for",
      "1h",
      "--reason",
      "It greets.",
    );
    expect(trusted.out).toMatch(
      /^greeter may fetch from the listed addresses with GET and HEAD \(GET api\.example\.com\/v1\/\) in default until /,
    );
    const info = JSON.parse((await run("plugin", "info", "greeter", "--json")).out);
    expect(info).toMatchObject({
      plugin: { standing: "ready" },
      asked: [{ scope: "net:read", missing: [], granted: { reason: "It greets." } }],
      invocations: [{ state: "blocked", via: "cli" }],
    });
    expect((await run("greeter", "hi", "Ada")).err).not.toContain("nobody granted");
    expect((await run("plugin", "info", "greeter")).out).toMatch(
      /ASKS FOR +RISK +GRANTED +USED +REFUSED +WHY\nnet:read GET api/,
    );
  });

  it("has help of its own from what the manifest says, and says what is wrong with a command line", async () => {
    const help = await run("greeter", "hi", "--help");
    expect(help.out).toMatch(/Usage: prunella greeter hi \[options\] <name>[\s\S]*name +whom[\s\S]*--loud/);
    expect((await run("greeter", "hi")).err).toMatch(
      /Missing required argument 'name'\.\nSee `prunella greeter hi --help`/,
    );
    expect((await run("greeter", "hello", "Ada")).err).toContain('and knows "say hi to {name}".');
    expect((await run("greeter", "say hi to Ada")).err).toMatch(
      /asked about before it runs[\s\S]*It means: .*greeter hi Ada/,
    );
    expect((await run("greeter", "wipe")).err).toMatch(
      /greeter wipe is destructive, and wants a yes\.\nAdd --confirm, or --ask/,
    );
    const { out: parked } = await run("greeter", "wipe", "--ask");
    const [, question = ""] = /It waits for a person: .* decide (\S+) allow_once/.exec(parked) ?? [];
    expect((await run("decide", question, "refuse")).out).toContain("was refused");
    expect((await run("gretter", "hi")).err).toContain("PRUNELLA_USAGE");
  });

  it("is disabled and enabled, whatever it is trusted with", async () => {
    expect((await run("plugin", "disable", "greeter", "--reason", "Enough.")).out).toContain("greeter is disabled");
    expect((await run("greeter", "hi", "Ada")).err).toMatch(
      /greeter is disabled[\s\S]*Allow it: .*plugin enable greeter/,
    );
    const doctor = await run("plugin", "doctor");
    expect([doctor.code, doctor.out]).toEqual([1, expect.stringContaining("greeter is disabled: Enough.. Mend: ")]);
    expect((await run("plugin", "enable", "greeter")).out).toContain("greeter is enabled");
    expect((await run("plugin", "doctor")).code).toBe(0);
  });

  it("shows what an update asks for more, goes back, and takes back its trust", async () => {
    greeter("greeter", {
      network: [{ host: "api.example.com", methods: ["GET", "POST"], path: "/v1/", reason: "More." }],
    });
    const updated = await run("plugin", "update", "greeter");
    expect(updated.out).toContain("Another version is trusted with nothing.");
    expect(updated.out).toContain("+ net:write POST api.example.com/v1/");
    expect((await run("plugin", "rollback", "greeter")).out).toContain("trusted as it was then: ready.");
    expect((await run("plugin", "revoke", "greeter")).out).toContain("may no longer use net:read");
    expect((await run("plugin", "trust", "greeter", "--required", "--json")).code).toBe(0);
    expect((await run("plugin", "trust", "greeter", "--scope", "net:raed")).err).toContain("Did you mean net:read?");
  });

  it("installs a lockfile elsewhere, checks bundles, and is removed with what it kept", async () => {
    greeter("greeter");
    const lock = join(root, "plugins.lock.json");
    writeFileSync(lock, readFileSync(join(fixture.folder, "plugins.lock.json")));
    expect((await run("plugin", "sync", lock)).out).toContain(
      "1 plugins are what the lockfile says. Nothing was granted.",
    );
    writeFileSync(lock, "{}");
    expect((await run("plugin", "sync", lock)).err).toContain("is no lockfile: lockVersion: ");
    expect(JSON.parse((await run("plugin", "verify", "--json")).out)).toMatchObject({ bundles: [{ state: "whole" }] });
    const state = join(root, "state.json");
    expect((await run("plugin", "remove", "greeter")).err).toContain("--yes");
    expect((await run("plugin", "remove", "greeter", "--yes", "--state", state)).out).toContain("greeter is removed.");
    expect(JSON.parse(readFileSync(state, "utf8"))).toEqual({ state: [] });
    expect((await run("plugin", "info", "greeter")).err).toContain("There is no plugin greeter.");
  });

  it("is asked for by its source where two have one name", async () => {
    const [a, b] = [greeter("a"), greeter("b")];
    await run("plugin", "add", a);
    await run("plugin", "add", b);
    expect((await run("plugin", "info", "greeter")).err).toMatch(/PRUNELLA_AMBIGUOUS|--from/);
    expect(JSON.parse((await run("plugin", "info", "greeter", "--from", a, "--json")).out).plugin.origin).toBe(
      `path ${a}`,
    );
    expect((await run("greeter", "hi", "Ada")).err).toContain("--from");
    expect((await run("greeter", "hi", "Ada", "--from", b)).err).toContain("which nobody granted");
    for (const from of [a, b]) await run("plugin", "remove", "greeter", "--yes", "--from", from);
  });
});

describe("a new plugin", () => {
  it("has a manifest that is whole, and writes over nothing", async () => {
    const { stdout } = await prunella(["plugin", "init", "hello"], { cwd: root });
    expect(stdout).toContain("plugin dev --trust");
    expect(readManifest(readFileSync(join(root, "hello/prunella.plugin.json"), "utf8"))).toMatchObject({
      kind: "manifest",
      manifest: { name: "hello" },
    });
    const again = await prunella(["plugin", "init", "hello"], { cwd: root });
    expect(again.stderr).toContain("it is there already");
    expect((await prunella(["plugin", "init", "projects"], { cwd: root })).stderr).toContain(
      "cannot be the name of a plugin",
    );
  });
});

describe("a sentence", () => {
  it.each([
    ["say hi to {name}", "say hi to Ada Lovelace", { name: "Ada Lovelace" }],
    ["say hi to {name}", "  Say  HI to Ada ", { name: "Ada" }],
    ["say hi to {name}", "say hi to", null],
    ["say hi to {name}", "please say hi to Ada", null],
    ["move {what} to {where}", "move the red box to the left", { what: "the red box", where: "the left" }],
    ["stop", "stop", {}],
    ["stop", "stop now", null],
  ])("%j of %j", (phrase, sentence, args) => {
    expect(matchPhrase(phrase, sentence)).toEqual(args);
  });
});

it.each([
  ["https://example.com/x", {}, "whole id of a commit"],
  ["https://example.com/x", { commit: "main" }, "whole id of a commit"],
  ["ext::sh -c evil", { commit: "a".repeat(40) }, "A folder has no --commit"],
  ["ftp://example.com/x", { commit: "a".repeat(40) }, "begins with https://"],
])("%s with %j is no source", (typed, options, message) => {
  expect(() => sourceOf(typed, options)).toThrow(message);
});

it("a widened request is a line for each resource", () => {
  const asked = (scope: string, resources: string[]) => ({
    scope,
    resources,
    risk: "write" as const,
    required: true,
    reasons: ["r"],
    granted: null,
    missing: [],
    used: 0,
    refused: 0,
    last_used_at: null,
  });
  expect(permissionDiff([asked("fs:read", ["a"]), asked("net:read", ["x"])], [asked("fs:read", ["a", "b"])])).toEqual([
    "+ fs:read b",
    "- net:read x",
  ]);
});

it("no plugin takes the word of a command of ours", () => {
  const words = createProgram().commands.flatMap((each) => [each.name(), ...each.aliases()]);
  expect(words.filter((word) => !RESERVED_NAMESPACES.includes(word))).toEqual([]);
});
