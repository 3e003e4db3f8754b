import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson, parseText } from "./record.ts";

describe("parseText", () => {
  it("reads Python's bare NaN and Infinity as null, and leaves them in texts", () => {
    expect(parseText('{"a":NaN,"b":[Infinity,-Infinity],"c":"NaN, \\\"NaN","d":1}')).toEqual({
      a: null,
      b: [null, null],
      c: 'NaN, "NaN',
      d: 1,
    });
  });

  it("takes nothing else for JSON", () => {
    for (const text of ["{NaN:1}", '{"a":NaN', '"NaN', "xNaN", "{'a':NaN}", ""])
      expect(parseText(text)).toBeUndefined();
  });

  it("reads JSON as it is (law)", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom("NaN", "Infinity", "-Infinity"), (value, odd) => {
        const text = JSON.stringify(value);
        expect(parseText(text)).toEqual(JSON.parse(text));
        expect(parseText(`[${text},${odd}]`)).toEqual([JSON.parse(text), null]);
      }),
    );
  });

  it("ends quickly with a text of nothing but escapes", () => {
    const text = `["${"\\\\".repeat(500_000)}",NaN`;
    expect(parseJson(Buffer.from(text))).toBeUndefined();
    expect(parseJson(Buffer.from(`${text}]`))).toHaveLength(2);
  });
});
