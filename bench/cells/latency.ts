import { temporaryFolder } from "../folder.ts";
import { loadClosed, loadOpen } from "../loader.ts";
import { createOperator } from "../operator.ts";
import { percentile } from "../percentile.ts";
import { startServerProcess } from "../server-process.ts";
import { slowDisk } from "../slow-disk.ts";
import { MIXED, expectAllAccepted, round, type Bench, type Cell, type Results } from "./cell.ts";

const PER_SECOND = 1_000;
const WARM_UP = 2_000;

/** How long an answer takes at 1,000 events a second, from the moment each should have been sent. */
export const latency: Cell = {
  name: "latency",
  what: "open loop, 1,000 events a second",
  async run(bench) {
    return answersAt(bench, [], "");
  },
};

/** The same with every fsync and fdatasync 10 ms longer. */
export const slow: Cell = {
  name: "slow-disk",
  what: "open loop, 1,000 events a second, every fsync 10 ms longer",
  async run(bench) {
    const wrap = slowDisk();
    if (wrap !== null) return answersAt(bench, wrap, "slow_disk_");
    bench.say("SKIPPED slow-disk: this machine has no strace that may inject delays");
    return { slow_disk_p50_ms: null, slow_disk_p99_ms: null, slow_disk_p999_ms: null };
  },
};

async function answersAt(bench: Bench, wrap: readonly string[], prefix: string): Promise<Results> {
  using data = temporaryFolder("bench");
  const server = await startServerProcess({ data: data.path, wrap });
  const url = server.envelopeUrl;
  await loadClosed({ url, makers: MIXED, total: WARM_UP, concurrency: 16 });
  const load = await loadOpen({ url, makers: MIXED, perSecond: PER_SECOND, seconds: bench.isQuick ? 3 : 10 });
  expectAllAccepted(bench, load);
  const expected = WARM_UP + load.latencies.length;
  const counted = await createOperator(server).drained(expected, 30_000);
  if (counted !== expected) bench.fail(`${prefix}latency: ${expected} events were accepted and ${counted} counted`);
  await server.stop();
  const at = (share: number) => round(percentile(load.latencies, share), 2);
  return { [`${prefix}p50_ms`]: at(0.5), [`${prefix}p99_ms`]: at(0.99), [`${prefix}p999_ms`]: at(0.999) };
}
