import fc from "fast-check";
import { expect, it } from "vitest";
import type { Frame } from "@prunella/contract";
import { foldFrames } from "./fold-frames.ts";

const frame = (name: string, line = 1): Frame => ({
  function: name,
  module: null,
  filename: "a.js",
  line,
  column: null,
  in_app: null,
  context_line: null,
  pre_context: [],
  post_context: [],
});
const seen = (names: string) =>
  foldFrames([...names].map((name) => frame(name))).map(({ frames, times }) => [
    frames.map((each) => each.frame.function).join(""),
    times,
  ]);

it("says once what follows itself, and how often", () => {
  expect(seen(`a${"b".repeat(400)}c`)).toEqual([
    ["a", 1],
    ["b", 400],
    ["c", 1],
  ]);
  expect(seen(`x${"ab".repeat(5)}ay`)).toEqual([
    ["x", 1],
    ["ab", 5],
    ["a", 1],
    ["y", 1],
  ]);
  expect(seen("aabb")).toEqual([
    ["a", 1],
    ["a", 1],
    ["b", 1],
    ["b", 1],
  ]);
});

it("keeps apart what differs in its line", () => {
  expect(foldFrames([1, 2, 3].map((line) => frame("a", line)))).toHaveLength(3);
});

it("loses no frame and keeps their order", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 60 }), (names) => {
      const told = foldFrames(names.map((name) => frame(name))).flatMap(({ frames, times }) =>
        Array.from({ length: times }, () => frames.map((each) => each.frame.function)).flat(),
      );
      expect(told).toEqual(names);
    }),
  );
});
