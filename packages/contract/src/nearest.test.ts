import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test.each([
  ["restart_onc", "restart_once"],
  ["leave-stoped", "leave_stopped"],
  ["pythn3", "python3"],
  ["ndoe", "node"],
])("%s most likely means %s", (typed, meant) => {
  expect(nearest(typed, ["restart_once", "leave_stopped", "python3", "node", "ls"])).toBe(meant);
});

test("nothing is guessed when nothing is near", () => {
  expect(nearest("xyzzy", ["restart_once", "node"])).toBe(null);
});
