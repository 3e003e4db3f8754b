import { expect, test } from "vitest";
import { createInterruptCounter, createStopCounter } from "./repeated-signal.ts";

test("what npm passes on is no second stop, half a second later is one", () => {
  const count = createStopCounter();
  expect([0, 5, 499, 500, 999, 1_000].map(count)).toEqual([1, null, null, 2, null, 3]);
});

test("Ctrl-C counts in a row only: after five seconds it begins anew", () => {
  const count = createInterruptCounter();
  expect([0, 600, 601, 5_600, 10_601, 11_200].map(count)).toEqual([1, 2, null, 3, 1, 2]);
});
