import { expect, it } from "vitest";
import { RULES } from "../rules/index.ts";
import { Memo } from "./memo.ts";
import type { Cut } from "./pieces.ts";

const cut = (start: number, end: number): Cut => ({ start, end, rule: RULES[0]!, type: "EMAIL" });

/** Asks for each text, and says which of them had to be judged. */
function judged(memo: Memo, texts: readonly string[], cuts: Cut[] | null = null): string[] {
  const asked: string[] = [];
  for (const text of texts)
    memo.cutsOf(text, () => {
      asked.push(text);
      return cuts;
    });
  return asked;
}

it("judges a text twice at most, whether something was found or not", () => {
  for (const cuts of [null, [cut(2, 6)], [cut(0, 3), cut(8, 16)]]) {
    const memo = new Memo();
    const text = "a line of source";
    expect(judged(memo, [text, text, text, text], cuts)).toEqual([text, text]);
    expect(memo.cutsOf(text, () => [])).toEqual(cuts);
  }
});

it("never takes one text for another, half surrogate pairs included", () => {
  const memo = new Memo();
  const texts = [
    "a line of text",
    "a lime of text",
    "a line of texts",
    "half a pair \ud800",
    "half a pair \udc00",
    "half a pair \ufffd",
    "x".repeat(600),
  ];
  for (const text of [...texts, ...texts, ...texts])
    expect(memo.cutsOf(text, () => [cut(0, text.charCodeAt(3))])).toEqual([cut(0, text.charCodeAt(3))]);
  for (const text of [...texts, ...texts])
    expect(memo.cutsOf(text, () => null)?.[0]?.end ?? null).toBeOneOf([null, text.charCodeAt(3)]);
});

it("tells texts apart that differ anywhere, and holds no more of them than it has places for", () => {
  const memo = new Memo();
  const texts = Array.from({ length: 40_000 }, (_, at) => `2026-11-21 12:00:00 request ${at} took ${at % 97} ms`);
  expect(judged(memo, texts)).toEqual(texts);
  judged(memo, texts);
  const left = judged(memo, texts).length;
  expect(left).toBeGreaterThan(20_000);
  expect(left).toBeLessThan(40_000);
});

it("keeps what goes on being met, most of the time", () => {
  const memo = new Memo();
  let again = 0;
  for (let at = 0; at < 50_000; at++) {
    judged(memo, [`another line of source ${at}`]);
    if (at % 100 === 0) again += judged(memo, ["a line of source"]).length;
  }
  expect(again).toBeLessThan(20);
});

it("remembers nothing of what goes", () => {
  const memo = new Memo();
  const secret = "Tr0ub4dor" + "&3";
  const text = `password ${secret} and more`;
  const end = 9 + secret.length;
  judged(memo, [text, text], [cut(9, end)]);
  // Another value at the same place is judged anew.
  expect(judged(memo, [text.replace("Tr0", "Tr1")], [cut(9, end)])).toHaveLength(1);
});
