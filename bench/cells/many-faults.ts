import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createEnvelopeMaker } from "../envelope.ts";
import { temporaryFolder } from "../folder.ts";
import { loadClosed } from "../loader.ts";
import { createOperator } from "../operator.ts";
import { percentile } from "../percentile.ts";
import { cpuSeconds, peakRssMb } from "../process-stats.ts";
import { startServerProcess } from "../server-process.ts";
import { expectAllAccepted, per, round, type Cell } from "./cell.ts";

/** Ten thousand distinct faults: what grows with their number, and whether any two become one. */
export const manyFaults: Cell = {
  name: "many-faults",
  what: "10,000 distinct faults, each new, then each again, 64 at a time",
  async run(bench) {
    const count = bench.isQuick ? 1_000 : 10_000;
    const makers = Array.from({ length: count }, (_, fault) => createEnvelopeMaker(fault));
    using data = temporaryFolder("bench-many");
    // So many new faults a minute are what the storm guard is there to stop.
    const config = join(data.path, "prunella.yaml");
    writeFileSync(config, "limits:\n  new_faults_per_minute: 1000000\n  stored_per_minute: 10 GiB\n");
    const server = await startServerProcess({ data: join(data.path, "data"), config });
    const operator = createOperator(server);

    async function once(expected: number): Promise<number | null> {
      const before = cpuSeconds(server.pid);
      const load = await loadClosed({ url: server.envelopeUrl, makers, total: count, concurrency: 64 });
      expectAllAccepted(bench, load);
      await operator.drained(expected, 120_000);
      const after = cpuSeconds(server.pid);
      const { events, faults } = await operator.counts();
      if (events !== expected || faults !== count)
        bench.fail(`many-faults: ${expected} events of ${count} faults became ${events} of ${faults}`);
      return before === null || after === null ? null : per(count, after - before);
    }

    const asNew = await once(count);
    const asKnown = await once(2 * count);
    const pages = new Float64Array(50);
    for (let at = 0; at < pages.length; at += 1) {
      const askedAt = performance.now();
      await operator.firstPage();
      pages[at] = performance.now() - askedAt;
    }
    const rss = peakRssMb(server.pid);
    await server.stop();
    return {
      many_new_per_cpu_s: asNew,
      many_known_per_cpu_s: asKnown,
      many_page_p99_ms: round(percentile(pages, 0.99)),
      many_rss_mb: round(rss),
    };
  },
};
