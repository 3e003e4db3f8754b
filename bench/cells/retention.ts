import { join } from "node:path";
import { migrate } from "@prunella/kernel";
import { openSqlite } from "@prunella/server/platform";
import { temporaryFolder } from "../folder.ts";
import { measureRetention } from "../retention/measure.ts";
import { round, type Bench, type Cell, type Results } from "./cell.ts";

/** What a year of a million events a day leaves, and how long each step of tidying it takes. */
export const retention: Cell = {
  name: "retention",
  what: "a year of 1,000,000 events a day, tidied, and made room in",
  run: (bench) => measure(bench, bench.isQuick ? 60 : 365, bench.isQuick ? 100_000 : 1_000_000),
};

export async function measure(bench: Bench, days: number, eventsPerDay: number): Promise<Results> {
  using folder = temporaryFolder("bench-retention");
  const engine = openSqlite(join(folder.path, "prunella.db"));
  try {
    await migrate(engine);
    const measured = await measureRetention(engine, { days, eventsPerDay, say: bench.say });
    if (measured.wrong !== "") bench.fail(measured.wrong);
    return {
      retention_mb_per_year: round(measured.mb),
      retention_counted_mb: round(measured.countedMb),
      retention_step_max_ms: round(measured.stepMaxMs, 2),
      retention_step_p99_ms: round(measured.stepP99Ms, 2),
      retention_step_p50_ms: round(measured.stepP50Ms, 2),
      retention_step_cpu_p99_ms: round(measured.stepCpuP99Ms, 2),
      retention_step_cpu_max_ms: round(measured.stepCpuMaxMs, 2),
      retention_steps: measured.steps,
      retention_deltas: measured.deltas,
    };
  } finally {
    await engine.close();
  }
}
