import { expect, test } from "vitest";
import { createSignalCounter } from "./repeated-signal.ts";

test("the echo of a Ctrl-C by npm is not a second one, a later one is", () => {
  const note = createSignalCounter();
  expect(note("SIGINT", 0)).toEqual({ count: 1, isEcho: false });
  expect(note("SIGINT", 5)).toEqual({ count: 1, isEcho: true });
  expect(note("SIGINT", 249)).toEqual({ count: 1, isEcho: true });
  expect(note("SIGINT", 250)).toEqual({ count: 2, isEcho: false });
});

test("another signal is never an echo", () => {
  const note = createSignalCounter();
  note("SIGINT", 0);
  expect(note("SIGTERM", 1)).toEqual({ count: 1, isEcho: false });
});
