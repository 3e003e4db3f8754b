import { expect, it } from "vitest";
import { percentile } from "../../bench/percentile.ts";
import { runTwoPlanes } from "../../bench/two-planes.ts";

/** A few seconds in the suite, twenty by `npm run attack`. */
const SECONDS = process.env["PRUNELLA_ATTACK"] === "1" ? 20 : 4;

it(
  "whatever the doors are fed, the operator is answered, what crashed is started again, and the kill switch acts",
  { timeout: SECONDS * 1_000 + 120_000 },
  async () => {
    const { calm, asked, wrong, healed, unhealed, killMs, isKilled, fed } = await runTwoPlanes(SECONDS);
    const ms = (value: number) => `${Math.round(value)} ms`;
    console.log(
      `operator p50 ${ms(percentile(asked, 0.5))}, p99 ${ms(percentile(asked, 0.99))} of ${asked.length}, before the flood ${ms(percentile(calm, 0.99))}; ` +
        `healed p50 ${ms(percentile(healed, 0.5))}, p99 ${ms(percentile(healed, 0.99))} of ${healed.length}; ` +
        `kill switch ${ms(killMs)}; fed ${JSON.stringify(fed)}`,
    );
    expect(wrong).toEqual([]);
    expect(asked).toHaveLength(SECONDS * 20);
    expect(unhealed).toBe(0);
    expect(healed.length).toBeGreaterThan(0);
    expect(isKilled).toBe(true);
    // The doors were fed, and answered in words of their own.
    expect(Object.keys(fed).filter((status) => !["200", "429", "503"].includes(status))).toEqual([]);
    expect(fed["200"] ?? 0).toBeGreaterThan(0);
  },
);
