import { expect, test } from "vitest";
import { z } from "zod";
import { expectedOf } from "./expected.ts";

const told = (schema: z.ZodType, value: unknown): string => {
  const [issue] = schema.safeParse(value).error?.issues ?? [];
  if (!issue) throw new Error("the value fits");
  return expectedOf(issue, value);
};

test.each<readonly [string, z.ZodType, unknown, string]>([
  ["a fraction where only whole numbers go", z.int(), 0.5, "expected a whole number, not 0.5"],
  ["a string for a number", z.int(), "50%", "expected a number, not a string"],
  ["a number for a text", z.string(), 5, "expected a string, not a number"],
  ["what is missing", z.string(), undefined, "it is missing; expected a string"],
  ["a word for a choice", z.boolean(), "maybe", "expected true or false, not a string"],
  ["a text for a list", z.array(z.string()), "a", "expected a list, not a string"],
  ["a list for keys", z.object({}), ["a"], "expected a mapping, not a list"],
  ["nothing for keys", z.object({}), null, "expected a mapping, not nothing"],
  ["too little", z.int().min(1), 0, "expected at least 1, not 0"],
  ["too much", z.int().max(10), 11, "expected at most 10, not 11"],
  ["too short", z.string().min(12), "short", "expected at least 12 characters"],
  ["too few", z.array(z.string()).min(1), [], "expected at least 1 of them, not an empty list"],
  ["another word", z.enum(["a", "b"]), "c", "expected one of a, b"],
  ["another constant", z.literal("restart"), "start", "expected restart"],
  ["a long text", z.int(), "x".repeat(100), "expected a number, not a string"],
])("says what was expected instead of %s", (_, schema, value, words) => {
  expect(told(schema, value)).toBe(words);
});

test("leaves alone what a schema says in its own words", () => {
  expect(told(z.string().min(3, "expected the name of a heartbeat"), "ab")).toBe("expected the name of a heartbeat");
});
