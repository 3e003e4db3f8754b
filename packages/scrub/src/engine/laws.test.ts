import { describe, expect, it } from "vitest";
import { createEngine } from "./engine.ts";
import { RULES, TYPES } from "../rules/index.ts";
import { exampleOf } from "../rules/families/sample.ts";

let work = 0;
let farthest = 0;
const engine = createEngine(
  RULES.map((rule) => ({
    ...rule,
    find: (...place: Parameters<typeof rule.find>) => {
      const [, start, , lo, hi] = place;
      work += hi - lo;
      farthest = Math.max(farthest, start - lo - 128, hi - start - 384);
      return rule.find(...place);
    },
  })),
  TYPES,
);

/** Characters that rules may look at: what grows when something is slower than linear. */
function workOn(text: string): number {
  work = text.length;
  engine.findCuts(text);
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
    for (const unit of units) expect(of(unit, 8_000) / of(unit, 2_000), JSON.stringify(unit)).toBeLessThan(6);
    for (const unit of ["password=", "ghp_", "%67", "eyJ", "\u200b", "a\0"])
      expect(of(unit, 80_000) / of(unit, 20_000), JSON.stringify(unit)).toBeLessThan(6);
    // No rule was shown more than its window.
    expect(farthest).toBeLessThanOrEqual(0);
  }, 120_000);
});
