import { folderMb } from "../folder.ts";
import { loadClosed } from "../loader.ts";
import { createOperator } from "../operator.ts";
import { peakRssMb } from "../process-stats.ts";
import { startServerProcess } from "../server-process.ts";
import { ONE_FAULT, expectAllAccepted, per, round, type Bench, type Cell } from "./cell.ts";

/** One cause, again and again: memory and data folder must not grow with the number of events. */
export const storm = (folder: string): Cell => ({
  name: "storm",
  what: "100,000 equal events, 64 at a time",
  async run(bench) {
    const total = bench.isQuick ? 10_000 : 100_000;
    const server = await startServerProcess({ data: folder });
    const operator = createOperator(server);
    const load = await loadClosed({ url: server.envelopeUrl, makers: ONE_FAULT, total, concurrency: 64 });
    expectAllAccepted(bench, load);
    await operator.drained(total, 60_000);
    const rss = peakRssMb(server.pid);
    const escalations = await operator.escalations();
    const counted = await expectOneFault(bench, operator, total);
    if (escalations > 1) bench.fail(`storm: ${escalations} escalations`);
    const busyMb = folderMb(folder);
    const code = await server.stop();
    if (code !== 0) bench.fail(`storm: the server ended with ${code}`);
    const restMb = folderMb(folder);
    const again = await startServerProcess({ data: folder });
    await expectOneFault(bench, createOperator(again), total);
    await again.stop();
    bench.stormFolder = folder;
    return {
      rss_mb: round(rss),
      storm_count: counted,
      storm_escalations: escalations,
      storm_per_s: per(total, load.seconds),
      storm_folder_mb: round(restMb, 2),
      storm_folder_busy_mb: round(busyMb, 2),
    };
  },
});

async function expectOneFault(
  bench: Bench,
  operator: ReturnType<typeof createOperator>,
  total: number,
): Promise<number> {
  const { events, faults } = await operator.counts();
  if (faults !== 1 || events !== total)
    bench.fail(`storm: ${total} equal events became ${faults} faults with ${events} events`);
  return events;
}
