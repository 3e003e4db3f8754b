import { expect, it } from "vitest";
import { createMet } from "./met.ts";

it("knows a text from its second time on", () => {
  const met = createMet();
  for (const text of ["", "a", "a line of a log", "x".repeat(10_000)])
    expect([met(text), met(text)]).toEqual([false, true]);
});

it("tells most texts apart, wherever they differ", () => {
  const met = createMet();
  let taken = 0;
  for (let at = 0; at < 10_000; at++) if (met(`2026-11-21 12:00:00 request ${at} took ${at % 97} ms`)) taken++;
  expect(taken).toBeLessThan(500);
});

it("needs one table, however many texts pass", () => {
  const met = createMet();
  met("often");
  for (let at = 0; at < 100_000; at++) met(`once ${at}`);
  met("often");
  expect(met("often")).toBe(true);
});
