import { expect, it } from "vitest";
import { budgetWords } from "./budget-words.ts";

it("says a window in the largest unit that it is whole in", () => {
  const words = (window_ms: number) => budgetWords({ scope: "trigger", max: 3, used: 1, window_ms });
  expect([86_400_000, 3_600_000, 600_000, 90_000].map(words)).toEqual(
    ["24 h", "1 h", "10 min", "90 s"].map((window) => `1 of 3 attempts within ${window}`),
  );
});
