import { expect, test } from "vitest";
import { runCrashLoop } from "./run-crash-loop.ts";

test(
  "loses and doubles nothing that was acknowledged, and does nothing without an intent, over twenty kills",
  { timeout: 240_000 },
  async () => {
    const report = await runCrashLoop({ cycles: 20, seed: 20_261_121 });
    // Told, not asserted: this machine may be busy.
    process.stdout.write(
      `crash loop: serving again after ${report.restart_p50_ms} ms (median), ${report.restart_max_ms} ms (worst); ${report.acknowledged} events, ${report.effects} effects, ${report.stranded} stranded\n`,
    );
    expect(report.violations).toEqual([]);
    expect(report.effects).toBeGreaterThan(0);
    expect(report.acknowledged).toBeGreaterThan(100);
  },
);
