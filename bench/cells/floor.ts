import { fileURLToPath } from "node:url";
import { loadClosed } from "../loader.ts";
import { cpuSeconds } from "../process-stats.ts";
import { spawnUntilLine } from "../server-process.ts";
import type { EnvelopeMaker } from "../envelope.ts";
import { MIXED, expectAllAccepted, per, type Bench, type Cell } from "./cell.ts";

/** The same load against the bare server. */
export const floor: Cell = {
  name: "floor",
  what: "a bare node:http server that parses the same envelope",
  async run(bench) {
    const { perCpuS, perS } = await measureFloor(bench, MIXED, bench.isQuick ? 5_000 : 20_000);
    return { floor_per_cpu_s: perCpuS, floor_per_s: perS };
  },
};

/** Envelopes per CPU-second and per second of the bare server, after a tenth of them to warm up. */
export async function measureFloor(
  bench: Bench,
  makers: readonly EnvelopeMaker[],
  total: number,
): Promise<{ perCpuS: number | null; perS: number | null }> {
  const { child, line, exited } = await spawnUntilLine([
    process.execPath,
    fileURLToPath(new URL("../floor.ts", import.meta.url)),
  ]);
  const pid = child.pid ?? 0;
  const url = new URL("/api/1/envelope/", line);
  await loadClosed({ url, makers, total: total / 10, concurrency: 64 });
  const before = cpuSeconds(pid);
  const load = await loadClosed({ url, makers, total, concurrency: 64 });
  const after = cpuSeconds(pid);
  expectAllAccepted(bench, load);
  child.kill("SIGINT");
  await exited;
  return {
    perCpuS: before === null || after === null ? null : per(total, after - before),
    perS: per(total, load.seconds),
  };
}
