import { expect, it } from "vitest";
import { groupTraces } from "../../bench/grouping-score.ts";
import { ALWAYS, generateCorpus } from "./generate.ts";
import { LANGUAGES } from "./programs.ts";

it(
  "groups real crashes by their seeded fault, wherever they were built and whoever called",
  { timeout: 180_000 },
  () => {
    const { lines, left } = generateCorpus(45_000);
    // Compilers are optional on every machine, so what was left out is only said.
    for (const each of left) console.warn(`corpus without ${each}`);
    for (const name of ALWAYS)
      expect(
        left.some((each) => each.startsWith(`${name}:`)),
        `${name} is needed`,
      ).toBe(false);
    for (const { id, text } of lines) expect(text.length, `${id} said something`).toBeGreaterThan(20);
    const { score, faults } = groupTraces(lines);
    console.warn(`corpus: ${LANGUAGES.length - left.length} languages ${JSON.stringify(score)}`);
    expect([...faults.values()].filter((labels) => labels.size > 1)).toEqual([]);
    expect(score.pair_recall).toBeGreaterThanOrEqual(0.99);
    expect(score.b3_precision).toBeGreaterThanOrEqual(0.97);
  },
);
