import { describe, expect, it } from "vitest";
import { scrubText } from "../index.ts";

/** JSON in a string of JSON, so many times. */
function nested(value: object, depth: number): string {
  let text = JSON.stringify(value);
  for (let i = 0; i < depth; i++) text = JSON.stringify({ body: text });
  return text;
}

function innermost(text: string, depth: number): unknown {
  let value: unknown = JSON.parse(text);
  for (let i = 0; i < depth; i++) {
    if (typeof value !== "object" || value === null || !("body" in value) || typeof value.body !== "string")
      throw new Error("not nested");
    value = JSON.parse(value.body);
  }
  return value;
}

describe("JSON in strings of JSON", () => {
  it.each([0, 1, 2, 3, 4, 5])("loses its secrets and stays JSON, %i deep", (depth) => {
    const text = nested({ "access-key": "Zk81" + "xQ0pLm55vT", user: "wren", password: "it's&d7" + "XyZq" }, depth);
    const clean = scrubText(text).text.value;
    expect(innermost(clean, depth)).toEqual({
      "access-key": "[REDACTED:SECRET]",
      user: "wren",
      password: "[REDACTED:PASSWORD]",
    });
    expect(scrubText(clean).text.value).toBe(clean);
  });

  it.each([0, 1, 2, 3, 4])("keeps what opens nothing, %i deep", (depth) => {
    const text = nested({ password: "<password>", token: "", note: 'say "hi"' }, depth);
    expect(scrubText(text).text.value).toBe(text);
  });
});
