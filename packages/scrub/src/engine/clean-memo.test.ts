import { expect, it } from "vitest";
import { createCleanMemo } from "./clean-memo.ts";

it("knows a text again, and forgets what is no longer met", () => {
  const memo = createCleanMemo();
  memo.add("a line of source");
  expect(memo.has("a line of source")).toBe(true);
  expect(memo.has("a line of sources")).toBe(false);
  for (let at = 0; at < 20_000; at += 1) memo.add(`another line of source ${at}`);
  expect(memo.has("a line of source")).toBe(false);
});

it("keeps what goes on being met", () => {
  const memo = createCleanMemo();
  memo.add("a line of source");
  for (let at = 0; at < 50_000; at += 1) {
    memo.add(`another line of source ${at}`);
    if (at % 1_000 === 0) expect(memo.has("a line of source")).toBe(true);
  }
});

it("holds no long texts, and never takes one text for another", () => {
  const memo = createCleanMemo();
  memo.add("x".repeat(600));
  expect(memo.has("x".repeat(600))).toBe(false);
  memo.add("half a pair \ud800 here");
  expect(memo.has("half a pair \ufffd here")).toBe(true);
  expect(memo.has("half a pair \ud800 here")).toBe(false);
});
