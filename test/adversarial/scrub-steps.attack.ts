import { describe, expect, it } from "vitest";
import { hostileTexts } from "../../bench/hostile-texts.ts";
import { isBounded, LENGTHS, timesProse } from "./scrub-steps.ts";

/** All texts at the shortest length; of the longer ones every so many-th, others for each length. */
const EVERY: Readonly<Record<number, number>> = { 20_000: 1, 80_000: 4, 320_000: 16 };
const WORST = 10;

describe("hostile texts of every rule", () => {
  it.each(LENGTHS)(
    "cost a bounded multiple of prose at %i characters",
    (length) => {
      const every = EVERY[length] ?? 1;
      // Sixteen is less than the texts of one rule: none is left out at any length.
      const texts = hostileTexts().filter((_, at) => at % every === every >> 1);
      expect(texts.length).toBeGreaterThan(1_000);
      const costs = texts.map((text) => ({ name: text.name, times: timesProse(text.make(length)) }));
      costs.sort((a, b) => b.times - a.times);
      const above = costs.filter(({ times }) => times > 4).length;
      process.stdout.write(`${length}: ${above} of ${texts.length} above 4 times prose\n`);
      for (const { name, times } of costs.slice(0, WORST)) process.stdout.write(`  ${times.toFixed(1)}  ${name}\n`);
      expect(costs.filter(({ times }) => !isBounded(times))).toEqual([]);
    },
    1_800_000,
  );
});
