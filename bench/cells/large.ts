import { LARGE_BYTES, createEnvelopeMaker } from "../envelope.ts";
import { temporaryFolder } from "../folder.ts";
import { loadClosed } from "../loader.ts";
import { createOperator } from "../operator.ts";
import { cpuSeconds } from "../process-stats.ts";
import { startServerProcess } from "../server-process.ts";
import { expectAllAccepted, per, type Cell } from "./cell.ts";
import { measureFloor } from "./floor.ts";

/** Large events, with the floor for the same bytes: what grows with the size of an event shows here. */
export const large: Cell = {
  name: "large",
  what: "events of 50 KB of 20 faults, 64 at a time, and the floor for them",
  async run(bench) {
    const makers = Array.from({ length: 20 }, (_, fault) => createEnvelopeMaker(fault, LARGE_BYTES));
    const total = bench.isQuick ? 1_000 : 4_000;
    const bare = await measureFloor(bench, makers, total);
    using data = temporaryFolder("bench-large");
    const server = await startServerProcess({ data: data.path });
    const operator = createOperator(server);
    const warmUp = total / 4;
    expectAllAccepted(bench, await loadClosed({ url: server.envelopeUrl, makers, total: warmUp, concurrency: 64 }));
    await operator.drained(warmUp, 60_000);
    const before = cpuSeconds(server.pid);
    const load = await loadClosed({ url: server.envelopeUrl, makers, total, concurrency: 64 });
    expectAllAccepted(bench, load);
    await operator.drained(warmUp + total, 60_000);
    const after = cpuSeconds(server.pid);
    const { events, faults } = await operator.counts();
    if (events !== warmUp + total || faults !== makers.length)
      bench.fail(`large: ${warmUp + total} events of ${makers.length} faults became ${events} of ${faults}`);
    await server.stop();
    return {
      large_floor_per_cpu_s: bare.perCpuS,
      large_drained_per_cpu_s: before === null || after === null ? null : per(total, after - before),
      large_per_s: per(total, load.seconds),
    };
  },
};
