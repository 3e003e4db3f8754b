import { join } from "node:path";
import { migrate, type Engine } from "@prunella/kernel";
import { openPostgres, openSqlite } from "@prunella/server/platform";
import { hasPostgres, startCluster } from "../../test/postgres-cluster.ts";
import { temporaryFolder } from "../folder.ts";
import { measureRetention } from "../retention/measure.ts";
import { round, type Bench, type Cell, type Results } from "./cell.ts";

/** What a year of a million events a day leaves, and how long each step of tidying it takes. */
export const retention: Cell = {
  name: "retention",
  what: "a year of 1,000,000 events a day, tidied, and made room in",
  run: (bench) => onSqlite(bench, bench.isQuick ? QUICK : YEAR),
};

interface Load {
  readonly days: number;
  readonly eventsPerDay: number;
}
const YEAR: Load = { days: 365, eventsPerDay: 1_000_000 };
const QUICK: Load = { days: 60, eventsPerDay: 100_000 };

export async function onSqlite(bench: Bench, load: Load): Promise<Results> {
  using folder = temporaryFolder("bench-retention");
  return await measure(bench, load, openSqlite(join(folder.path, "prunella.db")));
}

/** Not part of the cell: filling it takes many minutes. */
export async function onPostgres(bench: Bench, load: Load): Promise<Results> {
  if (!hasPostgres()) {
    bench.fail("PostgreSQL is not on this machine");
    return {};
  }
  const cluster = await startCluster();
  try {
    return await measure(bench, load, await openPostgres(cluster.url));
  } finally {
    cluster.stop();
  }
}

async function measure(bench: Bench, load: Load, engine: Engine): Promise<Results> {
  try {
    await migrate(engine);
    const measured = await measureRetention(engine, { ...load, say: bench.say });
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
