import { describe, expect, it } from "vitest";
import { originOf } from "./artifact.ts";
import { isEngineRange, satisfies } from "./engine-range.ts";
import { Fields, misfits, withDefaults } from "./fields.ts";
import { PluginManifest } from "./manifest.ts";
import { requestsOf } from "./requests.ts";
import { beyond, covers } from "./resources.ts";
import { SCOPES } from "./scopes.ts";

describe("what a grant covers", () => {
  it.each([
    ["github:issue:read", ["octo/shop"], "octo/shop", true],
    ["github:issue:read", ["octo/shop"], "octo/shop2", false],
    ["github:issue:read", ["octo/shop"], "Octo/shop", false],
    ["github:issue:read", ["*"], "octo/shop", true],
    ["net:read", ["GET api.example.com/v1/"], "GET api.example.com/v1/users?x=1", true],
    ["net:read", ["GET api.example.com/v1"], "GET api.example.com/v1", true],
    ["net:read", ["GET api.example.com/v1"], "GET api.example.com/v10", false],
    ["net:read", ["GET api.example.com/v1/"], "GET api.example.com/v1/../admin", false],
    ["net:read", ["GET api.example.com/v1/"], "GET api.example.com/v1/%2e%2e/admin", false],
    ["net:read", ["GET api.example.com/v1/"], "GET api.example.com/v1/..", false],
    ["net:read", ["GET api.example.com/"], "GET api.example.com.evil.example/", false],
    ["net:read", ["GET api.example.com/"], "HEAD api.example.com/", false],
    ["fs:read", ["workspace"], "workspace2", false],
  ])("%s of %j: %s is %s", (scope, granted, resource, isCovered) => {
    expect(covers(scope, granted, resource)).toBe(isCovered);
  });

  it("is widened by what it did not hold", () => {
    expect(beyond("net:read", ["GET a.example/v1"], ["GET a.example/v1/x", "GET a.example/v2"])).toEqual([
      "GET a.example/v2",
    ]);
    expect(beyond("github:issue:read", ["octo/shop"], ["*"])).toEqual(["*"]);
  });
});

describe("the registry", () => {
  it("has no scope that deletes without a person", () => {
    const deleting = Object.entries(SCOPES).filter(([name]) => name.endsWith(":delete"));
    expect(deleting.length).toBeGreaterThan(3);
    expect(deleting.every(([, { risk, isEffect }]) => risk === "destructive" && isEffect)).toBe(true);
  });

  it("gives a request for every table of a manifest", () => {
    const manifest = PluginManifest.parse({
      manifestVersion: 1,
      name: "hello",
      version: "1.0.0",
      description: "Says hello.",
      license: "MIT",
      kind: "local",
      entry: "index.ts",
      engines: { prunella: "^0.1.0" },
      namespace: "hello",
      network: [{ host: "a.example", port: 8443, methods: ["GET", "POST"], reason: "r" }],
      filesystem: [{ root: "work", access: "write", reason: "r" }],
      process: [{ template: ["git", "{n:int}"], reason: "r" }],
      capabilities: [{ name: "state", access: "write", reason: "r" }],
      listens: [{ event: "fault.opened", reason: "r" }],
    });
    expect(requestsOf(manifest).map(({ scope, resources }) => `${scope} ${resources.join(",")}`)).toEqual([
      "capability:state:write *",
      "events:receive fault.opened",
      "fs:write work",
      "net:read GET a.example:8443/",
      "net:write POST a.example:8443/",
      "process:run git {n:int}",
    ]);
  });
});

describe("a range of versions", () => {
  it.each([
    ["0.1.0", ">=0.1.0", true],
    ["0.2.0", "^0.1.0", false],
    ["0.1.9", "^0.1.0", true],
    ["1.9.0", "^1.2.0", true],
    ["0.3.0", ">=0.1.0 <0.3.0", false],
    ["0.1.5", "~0.1.2", true],
    ["0.1.0", "0.1.0", true],
  ])("%s in %s is %s", (version, range, isIn) => {
    expect(isEngineRange(range)).toBe(true);
    expect(satisfies(version, range)).toBe(isIn);
  });

  it("is none of others", () => {
    expect(["", "*", ">= 0.1.0", "latest", "1.2"].filter(isEngineRange)).toEqual([]);
  });
});

describe("what a command takes", () => {
  const fields = Fields.parse({
    properties: {
      name: { type: "string", maxLength: 5 },
      times: { type: "integer", minimum: 1, maximum: 3, default: 1 },
      tags: { type: "array", items: { type: "string", enum: ["a", "b"] } },
      at: { type: "object", properties: { x: { type: "number" } }, required: ["x"] },
    },
    required: ["name"],
  });

  it.each([
    [{}, ["name: a value; it is required"]],
    [{ name: "Ada", times: 2, tags: ["a"], at: { x: 1 } }, []],
    [{ name: "Ada Lovelace" }, ["name: at most 5 characters"]],
    [{ name: "Ada", times: 4 }, ["times: at most 3"]],
    [{ name: "Ada", times: 1.5 }, ["times: a whole number"]],
    [{ name: "Ada", tags: ["c"] }, ["tags.0: one of a, b"]],
    [{ name: "Ada", at: {} }, ["at.x: a value; it is required"]],
    [{ name: "Ada", __proto__x: 1 }, ["__proto__x: nothing: there is no such field"]],
    [{ name: "Ada", constructor: 1 }, ["constructor: nothing: there is no such field"]],
  ])("%j", (value, expected) => {
    expect(misfits(fields, value).map(({ path, expected: of }) => `${path}: ${of}`)).toEqual(expected);
  });

  it("has its defaults", () => {
    expect(withDefaults(fields, { name: "Ada" })).toEqual({ name: "Ada", times: 1 });
  });
});

it("one remote has one origin, however it is written", () => {
  const commit = "0".repeat(40);
  const of = (url: string) => originOf({ kind: "git", url, commit, folder: "" });
  expect(of("https://user@Example.com/octo/shop.git")).toBe(of("ssh://git@example.com/octo/shop/"));
  expect(of("https://example.com/octo/shop")).not.toBe(of("https://example.com/octo/shop2"));
});
