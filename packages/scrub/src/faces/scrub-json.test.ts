import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scrubJson, scrubText } from "../index.ts";

const CAPTURES = fileURLToPath(new URL("../../../../../shared/data/sentry-captures", import.meta.url));
const clean = (value: unknown): unknown => scrubJson(value).value.value;

describe("values under secret-like keys", () => {
  it.each([
    ["name", "value"],
    ["key", "val"],
    ["header", "values"],
  ])("reads a pair that is called %s and %s", (name, value) => {
    const secret = ["Granite", "8907!"].join("");
    expect(JSON.stringify(scrubJson({ [name]: "db_password", [value]: secret }).value)).not.toContain(secret);
  });

  it("go at any depth, and flags and counts stay", () => {
    expect(
      clean({
        userPassword: "hunter2",
        "x-api-key": ["K-123"],
        auth: { user: "bob", pass: { deep: ["s3cr3t"] } },
        cookies: { sid: "SECRETSID", theme: "dark" },
        PRIVATE_KEY: "abc",
        token_count: 5,
        tokens_used: "12",
        max_tokens: "4096",
        csrf: false,
        session: null,
        password: 12345678,
        token: "",
      }),
    ).toEqual({
      userPassword: "[REDACTED:PASSWORD]",
      "x-api-key": ["[REDACTED:SECRET]"],
      auth: { user: "[REDACTED:AUTHORIZATION]", pass: { deep: ["[REDACTED:AUTHORIZATION]"] } },
      cookies: { sid: "[REDACTED:COOKIE]", theme: "[REDACTED:COOKIE]" },
      PRIVATE_KEY: "[REDACTED:SECRET]",
      token_count: 5,
      tokens_used: "12",
      max_tokens: "4096",
      csrf: false,
      session: null,
      password: "[REDACTED:PASSWORD]",
      token: "",
    });
  });

  it("go behind their option in the list that a process was started with", () => {
    const word = "Zq8Lm2" + "WxKp";
    expect(
      clean({
        argv: ["serve", "--db-password", word, "--port", "80"],
        args: ["mysql", "-u", "root", `-p${word}`],
        cmd: ["curl", "-u", `svc:${word} z2`, "https://api.internal"],
        files: ["cp", "-p", "a.txt", "b.txt"],
        ports: ["docker", "run", "-p", "8080:80"],
      }),
    ).toEqual({
      argv: ["serve", "--db-password", "[REDACTED:PASSWORD]", "--port", "80"],
      args: ["mysql", "-u", "root", "-p[REDACTED:PASSWORD]"],
      cmd: ["curl", "-u", "svc:[REDACTED:PASSWORD]", "https://api.internal"],
      files: ["cp", "-p", "a.txt", "b.txt"],
      ports: ["docker", "run", "-p", "8080:80"],
    });
  });

  it("go beside the name of a key that they open", () => {
    const secret = "wJq8LmZx2Kw9/vTtWm2K" + "zQ8xLp7RtYh+fDsAqWeR";
    const name = "AKIAZ7R2N5T8" + "W1Y4Q6B3";
    const commit = "9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c";
    expect(clean({ first: secret, list: [name, secret], commit, path: "a".repeat(40) })).toEqual({
      first: "[REDACTED:AWS_SECRET_KEY]",
      list: ["[REDACTED:AWS_ACCESS_KEY]", "[REDACTED:AWS_SECRET_KEY]"],
      commit,
      path: "a".repeat(40),
    });
    expect(clean({ first: secret, commit })).toEqual({ first: secret, commit });
    expect(scrubText(JSON.stringify({ a: name, b: secret })).text.value).not.toContain(secret.slice(0, 8));
  });

  it("go under the variable that a query hands to an argument of that name", () => {
    const query = "mutation L($e: String!, $p: String!) { login(email: $e, password: $p) { id } }";
    expect(clean({ query, variables: { e: "x", p: "Zq8Lm2" + "WxKp", page: 2 } })).toEqual({
      query,
      variables: { e: "x", p: "[REDACTED:PASSWORD]", page: 2 },
    });
  });

  it("go as numbers where they would go in a text, and counts and times stay", () => {
    const given = { otp: 482913, cvc: 371, token: 4821931, tokens: 1523123, session: { started: "2026-03-04" } };
    expect(clean(given)).toEqual({
      otp: "[REDACTED:SECRET]",
      cvc: "[REDACTED:CARD]",
      token: "[REDACTED:SECRET]",
      tokens: 1523123,
      session: { started: "2026-03-04" },
    });
    expect(JSON.stringify(clean(given)).replaceAll(/"(\[REDACTED:[A-Z]+\])"/g, "$1")).toBe(
      scrubText(JSON.stringify(given)).text.value,
    );
  });

  it("go in pairs, header lists and raw headers", () => {
    expect(
      clean({
        a: [
          ["Authorization", "x1"],
          ["Accept", "y"],
        ],
        b: [
          { name: "Cookie", value: "x2" },
          { key: "api_key", value: "x3" },
          { name: "Host", value: "h" },
        ],
        rawHeaders: ["Host", "h", "X-Auth-Token", "x4"],
      }),
    ).toEqual({
      a: [
        ["Authorization", "[REDACTED:AUTHORIZATION]"],
        ["Accept", "y"],
      ],
      b: [
        { name: "Cookie", value: "[REDACTED:COOKIE]" },
        { key: "api_key", value: "[REDACTED:SECRET]" },
        { name: "Host", value: "h" },
      ],
      rawHeaders: ["Host", "h", "X-Auth-Token", "[REDACTED:SECRET]"],
    });
  });

  it("leave versions alone: packages named like secrets, browsers numbered like addresses", () => {
    const value = {
      modules: { cookie: "0.7.2", "@types/csrf": "^1.2.3", pg: "8.1.2.3" },
      browser: { name: "Chrome", version: "120.0.6099.71" },
    };
    expect(clean(value)).toEqual(value);
  });
});

describe("keys", () => {
  it("are scrubbed as text, and none is lost when two become one", () => {
    expect(clean({ ["a@" + "example.com"]: 1, ["b@" + "example.com"]: 2, c: 3 })).toEqual({
      "[REDACTED:EMAIL]": 1,
      "[REDACTED:EMAIL] (2)": 2,
      c: 3,
    });
  });

  it("named after prototypes stay own properties and pollute nothing", () => {
    const out = clean(
      JSON.parse('{"__proto__":{"polluted":"x","password":"hunter2"},"constructor":{"prototype":{"polluted":1}}}'),
    );
    expect(JSON.stringify(out)).toBe(
      '{"__proto__":{"polluted":"x","password":"[REDACTED:PASSWORD]"},"constructor":{"prototype":{"polluted":1}}}',
    );
    expect(Reflect.get({}, "polluted")).toBeUndefined();
    expect(Object.getPrototypeOf(out)).toBe(Object.prototype);
  });
});

describe("shape", () => {
  it("cuts what is nested too deep without overflowing", () => {
    for (const kind of ['{"a":', "["]) {
      const deep: unknown = JSON.parse(kind.repeat(5_000) + "1" + (kind === "[" ? "]" : "}").repeat(5_000));
      expect(JSON.stringify(clean(deep))).toContain("[cut: too deep]");
    }
    let secret: unknown = "hunter2";
    for (let i = 0; i < 100; i++) secret = { secret };
    expect(JSON.stringify(clean(secret))).not.toContain("hunter2");
    expect(clean(clean(secret))).toEqual(clean(secret));
  });

  it("is frozen all the way down, and the input is not touched", () => {
    const input = { a: [{ password: "hunter2" }] };
    const { value } = scrubJson(input);
    expect(input.a[0]!.password).toBe("hunter2");
    const walk = (each: unknown): void => {
      if (typeof each !== "object" || each === null) return;
      expect(Object.isFrozen(each)).toBe(true);
      Object.values(each).forEach(walk);
    };
    walk(value.value);
  });

  it("changes nothing the second time", () => {
    const key = fc.oneof(
      fc.constantFrom(
        "password",
        "token",
        "name",
        "value",
        "cookie",
        "headers",
        "modules",
        "version",
        "__proto__",
        "a@" + "x.com",
        "[REDACTED:EMAIL]",
        "[REDACTED:GITHUB_TOKEN]",
        "key",
        "password_a@" + "x.com",
        "[cut: too deep]",
      ),
      fc.string({ maxLength: 6 }),
    );
    const leaf = fc.oneof(
      fc.constantFrom(
        "password",
        "hunter2",
        "[Filtered]",
        "[REDACTED:EMAIL]",
        "bob@" + "x.com",
        "1.2.3.4",
        "token=abcdef",
        "[cut: too deep]",
        "sid=1; a=b",
        "true",
        "",
      ),
      fc.string({ maxLength: 8 }),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        leaf,
        fc.array(tie("tree"), { maxLength: 4 }),
        fc
          .array(fc.tuple(key, tie("tree")), { maxLength: 4 })
          .map((pairs) => JSON.parse(`{${pairs.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join()}}`)),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const once = JSON.stringify(clean(value));
        expect(JSON.stringify(clean(clean(value)))).toBe(once);
      }),
      { numRuns: 1500 },
    );
  });
});

describe.skipIf(!existsSync(CAPTURES))("captures of real SDKs (skipped where the captures are missing)", () => {
  it("lose every planted secret and keep what debugging needs", () => {
    let events = 0;
    for (const file of readdirSync(CAPTURES).filter((name) => name.endsWith(".envelope"))) {
      for (const line of readFileSync(`${CAPTURES}/${file}`, "utf8").split("\n")) {
        if (!line.startsWith("{")) continue;
        const parsed: unknown = JSON.parse(line);
        const once = JSON.stringify(clean(parsed));
        expect(once, file).not.toMatch(
          /hunter2|s3cr3t|abc\.def\.ghi|SECRETSID|K-123|tok_live_51H|jane\.doe|203\.0\.113\.7|j@e\.com/,
        );
        expect(JSON.stringify(clean(JSON.parse(once))), file).toBe(once);
        for (const kept of [
          "shop-api@1.4.2",
          "10.0.0.5:5432",
          "node:internal/timers",
          "11.12.0",
          "sentry.javascript.node",
        ]) {
          if (line.includes(kept)) expect(once, file).toContain(kept);
        }
        events++;
      }
    }
    expect(events).toBeGreaterThan(100);
  });
});
