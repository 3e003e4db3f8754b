import { expect, test } from "vitest";
import { conditionWords } from "./condition-words.ts";
import { boundedCondition, WrittenCondition } from "./condition.ts";

test("what a person writes becomes what is kept, with its durations as numbers", () => {
  const written = {
    all: [{ source: "sentry", count: { at_least: 50, within: "10m" } }, { not: { environment: "staging" } }],
    level: "error",
    for: "5m",
  };
  const kept = {
    all: [{ source: "sentry", count: { at_least: 50, within_ms: 600_000 } }, { not: { environment: "staging" } }],
    level: "error",
    for_ms: 300_000,
  };
  expect(WrittenCondition.parse(written)).toEqual(kept);
  expect(boundedCondition.parse(kept)).toEqual(kept);
});

const deep = (levels: number): object => (levels === 1 ? { level: "fatal" } : { not: deep(levels - 1) });

test.each([
  [{ sources: "sentry" }, "", "Unrecognized key"],
  [{}, "", "says something of an event"],
  [{ for: "5m" }, "", "says something of an event"],
  [{ all: [{ level: "fatal" }, {}] }, "all.1", "says something of an event"],
  [{ any: [] }, "any", "Too small"],
  [{ any: [{ level: "fatal", for: "5m" }] }, "any.0.for", "only at the top"],
  [{ all: [{ count: { at_least: 3, within: 10 } }] }, "all.0.count.within", "did you mean 10s"],
  [{ not: { target: "shop" } }, "not.target", "a target is <kind>:<id>"],
  [{ message: "x".repeat(301) }, "message", "Too big"],
  [{ message: "" }, "message", "Too small"],
  [deep(9), "not.not.not.not.not.not.not.not", "at most 8 deep"],
  [
    { any: Array.from({ length: 33 }, () => ({ level: "fatal", source: "crash" })) },
    "",
    "at most 64 things, and this one 66",
  ],
])("%j is refused with its path", (condition, path, words) => {
  const issues = WrittenCondition.safeParse(condition).error?.issues ?? [];
  expect(issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`)).toContainEqual(
    expect.stringMatching(new RegExp(`^${path.replaceAll(".", "\\.")}: .*${words}`)),
  );
});

test("eight deep and 64 things are allowed", () => {
  expect(WrittenCondition.safeParse(deep(8)).success).toBe(true);
  const wide = { any: Array.from({ length: 64 }, (_, at) => ({ class: `E${at}` })) };
  expect(WrittenCondition.safeParse(wide).success).toBe(true);
});

test("a condition can be said", () => {
  const condition = WrittenCondition.parse({
    target: "program:shop",
    level: "error",
    any: [{ class: "TypeError" }, { is: "new", count: { at_least: 5, within: "10m" } }],
    not: { environment: "staging" },
    for: "5m",
  });
  expect(conditionWords(condition)).toBe(
    "target program:shop and error or worse and (class TypeError or (the fault is new and 5 or more within 10 min)) and not environment staging, still so 5 min later",
  );
});
