import { describe, expect, it } from "vitest";
import { createEngine } from "./engine.ts";
import { RULES, TYPES } from "./rules/index.ts";
import { exampleOf } from "./rules/sample.ts";

/** Characters that rules look at, and what is decoded on the way: what grows when a rule is slower than linear. */
function workOn(text: string): number {
  let work = text.length;
  const counted = RULES.map((rule) => ({
    ...rule,
    find: (...place: Parameters<typeof rule.find>) => {
      const [, start, , lo, hi] = place;
      work += hi - lo;
      expect(start - lo).toBeLessThanOrEqual(128);
      expect(hi - start).toBeLessThanOrEqual(384);
      return rule.find(...place);
    },
  }));
  createEngine(counted, TYPES).findCuts(text);
  return work;
}

describe("hostile input", () => {
  const units = new Set([
    ...RULES.flatMap((rule) => [rule.keywords[0]!, exampleOf(rule).slice(0, 24)]),
    "password=",
    'token:"',
    "password\n  ",
    'login("a",',
    "%67",
    "\\u0067",
    "\u200b",
    "\u001b[31m",
    "a\0",
    "=\n",
    "QUFB",
    "''",
    "[REDACTED:",
    "[REDACTED:EMAIL]a@",
  ]);

  it("takes at most six times the work when it is four times as long, for every rule", () => {
    const of = (unit: string, length: number): number => workOn(unit.repeat(Math.ceil(length / unit.length)));
    for (const unit of units) expect(of(unit, 20_000) / of(unit, 5_000), JSON.stringify(unit)).toBeLessThan(6);
    for (const unit of ["password=", "ghp_", "%67", "eyJ", "\u200b", "a\0"])
      expect(of(unit, 80_000) / of(unit, 20_000), JSON.stringify(unit)).toBeLessThan(6);
  }, 120_000);
});
