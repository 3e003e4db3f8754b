import fc from "fast-check";
import { expect, it } from "vitest";
import { grouped, shortCount } from "./words.ts";

it("numbers are written as a browser's own tables write them", () => {
  const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 900_000_000_000 }), (count) => {
      expect(grouped(count)).toBe(count.toLocaleString("en"));
      expect(shortCount(count)).toBe(count < 100_000 ? count.toLocaleString("en") : compact.format(count));
    }),
    { numRuns: 2_000, examples: [[999], [1_000], [99_999], [100_000], [999_949], [999_950], [1_000_000], [1_250_000]] },
  );
});
