import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, isCanonicalJson } from "./canonical-json.ts";

describe("canonicalJson", () => {
  it("gives the text of RFC 8785, section 3.2.2", () => {
    const value: unknown = JSON.parse(
      String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
    );
    expect(canonicalJson(value)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it("sorts keys by UTF-16 code units, as RFC 8785, section 3.2.3 shows", () => {
    const keys = ["\u20ac", "\r", "\ufb33", "1", "\u{1f600}", "\u0080", "\u00f6"];
    const text = canonicalJson(Object.fromEntries(keys.map((key) => [key, 0])));
    expect([...text.matchAll(/"([^"]+)":0/g)].map((match) => match[1])).toEqual([
      "\\r",
      "1",
      "\u0080",
      "\u00f6",
      "\u20ac",
      "\u{1f600}",
      "\ufb33",
    ]);
  });

  it("writes minus zero as zero", () => {
    expect(canonicalJson([-0])).toBe("[0]");
  });

  it.each([
    ["undefined", { a: undefined }],
    ["a hole", Array(1)],
    ["NaN", [Number.NaN]],
    ["infinity", [Number.POSITIVE_INFINITY]],
    ["bigint", [1n]],
    ["a function", [() => 0]],
    ["a date", [new Date(0)]],
    ["a map", new Map()],
    ["a lone surrogate", ["\ud800"]],
    ["a lone surrogate in a key", { "\udfff": 1 }],
  ])("refuses %s", (_, value) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: "PRUNELLA_INTERNAL" }));
  });

  it("refuses deep nesting instead of running out of stack", () => {
    expect(() => canonicalJson(JSON.parse("[".repeat(30_000) + "]".repeat(30_000)))).toThrow(/nesting/);
  });

  it("keeps a key named __proto__", () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"x":1}}'))).toBe('{"__proto__":{"x":1},"b":1}');
  });

  it("means the same value, whatever the order of the keys", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(isCanonicalJson(text, JSON.parse(text))).toBe(true);
      }),
    );
  });
});

describe("isCanonicalJson", () => {
  const judge = (text: string): boolean => isCanonicalJson(text, JSON.parse(text));

  it.each([
    '{"b":1,"a":2}',
    '{"a": 1}',
    '{"a":1}\n',
    '{"a":1,"a":1}',
    '{"a":1.0}',
    '{"a":"\\u0041"}',
    '{"a":"\\ud800"}',
    '{"a":"\\/"}',
    '{"a":{"c":1,"b":1}}',
    "[-0]",
  ])("says no to %s", (text) => {
    expect(judge(text)).toBe(false);
  });

  it("says yes to a backslash before ud, which is no escape", () => {
    expect(judge(canonicalJson({ a: "\\ud800" }))).toBe(true);
  });

  it("agrees with canonicalJson on any text", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text);
        let canonical: string | null = null;
        try {
          canonical = canonicalJson(value);
        } catch {
          // a lone surrogate
        }
        expect(isCanonicalJson(text, value)).toBe(canonical === text);
      }),
    );
  });
});
