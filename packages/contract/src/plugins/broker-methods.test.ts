import { describe, expect, it } from "vitest";
import { BROKER_METHODS, BROKER_PARAMS, readCall } from "./broker-methods.ts";
import { isSeen } from "./forge-methods.ts";
import { Access, Capability, SCOPES } from "./scopes.ts";

const SAMPLES: Readonly<Record<string, unknown>> = {
  "state.get": { key: "a" },
  "state.put": { key: "a", value: { b: [1] } },
  "state.delete": { key: "a" },
  "ledger.append": { sha256: "0".repeat(64) },
  "provenance.write": { of: "a", from: [] },
  "runtime.execute": { template: ["git", "log"] },
  "mcp.attach": { tool: "a" },
  "handoff.write": { to: "a", what: null },
  "faults.note": { fault: "a", note: "b" },
  "net.fetch": { url: "https://api.example.com/v1?q=1" },
  "fs.read": { root: "workspace", path: "a" },
  "fs.list": { root: "workspace" },
  "fs.write": { root: "workspace", path: "a", body: "" },
  "process.exec": { template: ["git", "log", "{n:int}"], args: { n: 3 } },
};

describe("the methods of the broker", () => {
  it("have parameters and a scope of the registry each, and there is none without", () => {
    expect(Object.keys(BROKER_METHODS).toSorted()).toEqual(Object.keys(BROKER_PARAMS).toSorted());
    for (const method of Object.keys(BROKER_METHODS)) {
      const call = readCall(method, SAMPLES[method] ?? {});
      expect(call, method).toMatchObject({ kind: "call", method });
      expect(SCOPES).toHaveProperty([call.kind === "call" ? call.scope : ""]);
    }
  });

  it("give each capability methods of its own for each access that there is", () => {
    const scopes = Object.keys(BROKER_METHODS).map((method) => {
      const call = readCall(method, SAMPLES[method] ?? {});
      return call.kind === "call" ? call.scope : "";
    });
    for (const name of Capability.options)
      for (const access of Access.options) {
        const scope = `capability:${name}:${access}`;
        expect(scopes.includes(scope), scope).toBe(Object.hasOwn(SCOPES, scope));
      }
  });

  it.each([
    "__proto__",
    "constructor",
    "toString",
    "state",
    "state.get.x",
    "forge.issue.burn",
    "github.toString.x",
    "",
  ])("know nothing of %j", (method) => {
    expect(readCall(method, {})).toEqual({ kind: "unknown_method" });
  });

  it.each([
    ["net.fetch", { url: "file:///etc/passwd" }, /params.url/],
    ["net.fetch", { url: "https://a.example", headers: { a: 1 } }, /params.headers.a/],
    ["net.fetch", { url: "https://a.example", method: "CONNECT" }, /params.method/],
    ["state.put", { key: "", value: 1 }, /params.key/],
    ["state.get", { key: "a", extra: 1 }, /params/],
    ["fs.write", { root: "w", path: "a", body: "?" }, /params.body: .*base64/],
    ["github.issue.read", { repo: "no" }, /params.repo: .*owner\/name/],
    ["state.get", [], /params/],
  ])("refuse %s with %j, and say where it is wrong", (method, params, detail) => {
    expect(readCall(method, params)).toMatchObject({ kind: "invalid", detail: expect.stringMatching(detail) });
  });

  it("name what a call speaks of as a grant does", () => {
    const of = (method: string, params: unknown) => {
      const call = readCall(method, params);
      return call.kind === "call" ? [call.scope, call.resource, call.access] : call.kind;
    };
    expect(of("net.fetch", { url: "https://API.Example.com:443/v1/a?b#c", method: "POST" })).toEqual([
      "net:write",
      "POST api.example.com/v1/a?b",
      "write",
    ]);
    expect(of("net.fetch", { url: "http://localhost:80/" })).toEqual(["net:read", "GET localhost:80/", "read"]);
    expect(of("net.fetch", { url: "https://user:pw@a.example:8443/../x" })).toEqual([
      "net:read",
      "GET a.example:8443/x",
      "read",
    ]);
    expect(of("process.exec", SAMPLES["process.exec"])).toEqual(["process:run", "git log {n:int}", "write"]);
    expect(of("github.pull_request.read", { repo: "octo/shop", number: 1 })).toEqual([
      "github:pull_request:read",
      "octo/shop",
      "read",
    ]);
  });

  it("take a yes to a command for a yes to a merge only where it named the pull request and its head", () => {
    const head = "a".repeat(40);
    const params = { repo: "acme/shop", number: 7, head, base: "main", method: "merge" };
    const seen = (input: unknown, method = "forge.pull_request.merge") => isSeen(method, params, input);
    expect(seen({ url: "https://git.example.test/acme/shop/pulls/7", head })).toBe(true);
    expect(seen({ url: "https://github.example.test/acme/shop/pull/7", head })).toBe(true);
    expect(seen({ url: "https://github.example.test/acme/shop/pull/17", head })).toBe(false);
    expect(seen({ url: "https://github.example.test/acme/shop/pull/7" })).toBe(false);
    expect(seen({ url: "https://github.example.test/acme/shop/pull/7", head: "b".repeat(40) })).toBe(false);
    expect(seen({ url: `https://x.test/acme/safe/pull/1/${"x".repeat(120)}/acme/shop/pull/7`, head })).toBe(false);
    expect(seen({ head })).toBe(false);
    expect(seen(null)).toBe(false);
    expect(seen([{ head }], "github.pull_request.merge")).toBe(false);
    expect(seen(null, "forge.branch.delete")).toBe(true);
  });
});
