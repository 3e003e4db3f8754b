import { expect, it } from "vitest";
import { createFoundMemo } from "./found-memo.ts";
import type { Cut } from "./pieces.ts";
import { RULES } from "../rules/index.ts";

const cut = (start: number): Cut => ({ start, end: start + 4, rule: RULES[0]!, type: "EMAIL" });

it("asks once for a text, also when nothing was found", () => {
  const memo = createFoundMemo();
  let asked = 0;
  const find = (cuts: Cut[] | null) => () => {
    asked += 1;
    return cuts;
  };
  expect(memo("a text", find([cut(0)]))).toEqual([cut(0)]);
  expect(memo("a text", find(null))).toEqual([cut(0)]);
  expect(memo("another", find(null))).toBeNull();
  expect(memo("another", find([cut(0)]))).toBeNull();
  expect(asked).toBe(2);
});

it("never takes one text for another, half surrogate pairs included", () => {
  const memo = createFoundMemo();
  for (const [at, text] of ["a", "b", "\ud800", "\udc00", "\ufffd", "a\u0000", "x".repeat(600)].entries()) {
    expect(memo(text, () => [cut(at)])).toEqual([cut(at)]);
  }
});

it("forgets what is no longer met", () => {
  const memo = createFoundMemo();
  memo("first", () => [cut(1)]);
  for (let at = 0; at < 10_000; at += 1) memo(`text ${at}`, () => null);
  expect(memo("first", () => [cut(2)])).toEqual([cut(2)]);
});
