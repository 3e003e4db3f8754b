import { temporaryFolder } from "../folder.ts";
import { percentile } from "../percentile.ts";
import { startServerProcess } from "../server-process.ts";
import { round, type Cell } from "./cell.ts";

/** From Node's spawn to the first 200 of /healthz: on a fresh folder, and on the one that the storm left. */
export const coldStart: Cell = {
  name: "cold-start",
  what: "spawn → first 200 of /healthz, ten times",
  async run(bench) {
    const times = bench.isQuick ? 3 : 10;
    const fresh: number[] = [];
    const used: number[] = [];
    for (let at = 0; at < times; at += 1) {
      using data = temporaryFolder("bench");
      fresh.push(await startOnce(data.path));
      if (bench.stormFolder !== null) used.push(await startOnce(bench.stormFolder));
    }
    if (bench.stormFolder === null)
      bench.say("cold-start on the storm's folder needs the storm before it: not measured");
    return {
      cold_start_ms: round(percentile(fresh, 0.5)),
      cold_start_max_ms: round(percentile(fresh, 1)),
      storm_start_ms: round(percentile(used, 0.5)),
      storm_start_max_ms: round(percentile(used, 1)),
    };
  },
};

async function startOnce(data: string): Promise<number> {
  const server = await startServerProcess({ data });
  await server.stop();
  return server.servingAfterMs;
}
