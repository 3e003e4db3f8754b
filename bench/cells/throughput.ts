import { temporaryFolder } from "../folder.ts";
import { loadClosed } from "../loader.ts";
import { createOperator } from "../operator.ts";
import { cpuSeconds } from "../process-stats.ts";
import { startServerProcess } from "../server-process.ts";
import { MIXED, expectAllAccepted, per, type Cell } from "./cell.ts";

const CONCURRENCY = 64;

/** Events per CPU-second of the server: answered, and fully processed with the queue drained. */
export const throughput: Cell = {
  name: "throughput",
  what: "mixed load of 20 faults, 64 at a time: durable, scrubbed, grouped, drained",
  async run(bench) {
    using data = temporaryFolder("bench");
    const server = await startServerProcess({ data: data.path });
    const operator = createOperator(server);
    const url = server.envelopeUrl;
    let expected = 0;

    /** CPU seconds until answered and until drained, both from the beginning. */
    async function measure(total: number) {
      const before = cpuSeconds(server.pid);
      const startedAt = performance.now();
      const load = await loadClosed({ url, makers: MIXED, total, concurrency: CONCURRENCY });
      const accepted = cpuSeconds(server.pid);
      expectAllAccepted(bench, load);
      expected += total;
      const counted = await operator.drained(expected, 60_000);
      const drained = cpuSeconds(server.pid);
      if (counted !== expected) bench.fail(`throughput: ${expected} events were accepted and ${counted} counted`);
      const since = (until: number | null) => (until === null || before === null ? null : until - before);
      const seconds = (performance.now() - startedAt) / 1_000;
      return { load, accepted: since(accepted), drained: since(drained), seconds };
    }

    const cold = await measure(2_000);
    if (!bench.isQuick) await measure(3_000);
    const total = bench.isQuick ? 5_000 : 20_000;
    const warm = await measure(total);
    const { faults } = await operator.counts();
    if (faults !== MIXED.length) bench.fail(`throughput: ${MIXED.length} faults were sent and ${faults} found`);
    await server.stop();
    return {
      accepted_per_cpu_s: per(total, warm.accepted),
      drained_per_cpu_s: per(total, warm.drained),
      cold_drained_per_cpu_s: per(2_000, cold.drained),
      accepted_per_s: per(total, warm.load.seconds),
      drained_per_s: per(total, warm.seconds),
    };
  },
};
