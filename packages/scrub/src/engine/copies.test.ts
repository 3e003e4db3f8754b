import { describe, expect, it } from "vitest";
import { RULES } from "../rules/index.ts";
import { copiesIn, type Sought } from "./copies.ts";

const [rule] = RULES;
const sought = (value: string, apart = false): Sought[] =>
  rule === undefined ? [] : [{ value, rule, type: "SECRET", apart, core: value }];

const overlap = (one: { start: number; end: number }, two: { start: number; end: number }): boolean =>
  one !== two && one.start < two.end && two.start < one.end;

describe("copies of many values", () => {
  it("are found in one reading as each is found by itself", () => {
    const values = [
      "Sw0rdfish77",
      "Sw0rdfish",
      "aaaaaaaaab",
      "abababab",
      "\u00fcberlang9",
      "0123456789",
      "Sw0rdfish78x",
    ];
    const all = values.flatMap((value, at) => sought(value, at === 5));
    const pieces = [...values, "Sw0r", "ababab", "aaaa", " ", "x0123456789", "[REDACTED:Sw0rdfish77]", "\n", "\u00fc"];
    let state = 7;
    const next = (): number => (state = (state * 48_271) % 2_147_483_647);
    for (let round = 0; round < 200; round++) {
      let text = "";
      while (text.length < 700) text += pieces[next() % pieces.length] ?? "";
      const byItself = all.flatMap((each) => copiesIn(text, [each]) ?? []);
      const together = copiesIn(text, all) ?? [];
      // Of two that overlap one goes.
      for (const { start, end } of byItself.filter((one) => !byItself.some((two) => overlap(one, two))))
        expect(together.some((each) => each.start === start && each.end === end)).toBe(true);
      for (const { start, end } of together)
        expect(byItself.some((each) => each.start === start && each.end === end)).toBe(true);
    }
  });
});
