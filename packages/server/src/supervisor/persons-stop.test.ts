import { expect, test } from "vitest";
import { createPersonsStop } from "./persons-stop.ts";

test("TERM explains every later end, INT those of the next minute", () => {
  const term = createPersonsStop();
  term.note("SIGTERM", 0);
  expect(term.explains({ code: 1, signal: null }, 3_600_000)).toBe(true);
  const int = createPersonsStop();
  int.note("SIGINT", 0);
  expect(int.explains({ code: 1, signal: null }, 60_000)).toBe(true);
  expect(int.explains({ code: 1, signal: null }, 60_001)).toBe(false);
  expect(int.explains({ code: 130, signal: null }, 3_600_000)).toBe(true);
});

test("a program that somebody ended by signal was stopped; a fatal signal is a crash", () => {
  const nothing = createPersonsStop();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) expect(nothing.explains({ code: null, signal }, 0)).toBe(true);
  for (const signal of ["SIGSEGV", "SIGABRT", "SIGKILL", "SIGQUIT"])
    expect(nothing.explains({ code: null, signal }, 0)).toBe(false);
  expect(nothing.explains({ code: 143, signal: null }, 0)).toBe(false);
});

test("a signal that asks for something else explains nothing", () => {
  const usr = createPersonsStop();
  usr.note("SIGUSR1", 0);
  usr.note("SIGWINCH", 0);
  expect(usr.explains({ code: 1, signal: null }, 1)).toBe(false);
});
