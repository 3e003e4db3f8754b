import { fileURLToPath } from "node:url";
import { loadClosed } from "../loader.ts";
import { cpuSeconds } from "../process-stats.ts";
import { spawnUntilLine } from "../server-process.ts";
import { MIXED, expectAllAccepted, per, type Cell } from "./cell.ts";

/** The same load against the bare server. */
export const floor: Cell = {
  name: "floor",
  what: "a bare node:http server that parses the same envelope",
  async run(bench) {
    const { child, line, exited } = await spawnUntilLine([
      process.execPath,
      fileURLToPath(new URL("../floor.ts", import.meta.url)),
    ]);
    const pid = child.pid ?? 0;
    const url = new URL("/api/1/envelope/", line);
    await loadClosed({ url, makers: MIXED, total: 2_000, concurrency: 64 });
    const before = cpuSeconds(pid);
    const total = bench.isQuick ? 5_000 : 20_000;
    const load = await loadClosed({ url, makers: MIXED, total, concurrency: 64 });
    const after = cpuSeconds(pid);
    expectAllAccepted(bench, load);
    child.kill("SIGINT");
    await exited;
    return {
      floor_per_cpu_s: before === null || after === null ? null : per(total, after - before),
      floor_per_s: per(total, load.seconds),
    };
  },
};
