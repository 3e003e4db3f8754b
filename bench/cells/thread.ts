import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../folder.ts";
import { loadClosed, loadOpen } from "../loader.ts";
import { field } from "../operator.ts";
import { percentile } from "../percentile.ts";
import { spawnUntilLine } from "../server-process.ts";
import { slowDisk } from "../slow-disk.ts";
import { MIXED, expectAllAccepted, round, type Bench, type Cell, type Results } from "./cell.ts";

/** Whether commits belong in a worker thread: the same small store in both places, on a slow disk. */
export const thread: Cell = {
  name: "thread",
  what: "commits in the main thread or in a worker, 1,000 events a second, every fsync 10 ms longer",
  async run(bench) {
    const wrap = slowDisk();
    if (wrap !== null) return { ...(await measure(bench, wrap, "main")), ...(await measure(bench, wrap, "worker")) };
    bench.say("SKIPPED thread: this machine has no strace that may inject delays");
    return { thread_main_p99_ms: null, thread_worker_p99_ms: null };
  },
};

async function measure(bench: Bench, wrap: readonly string[], where: "main" | "worker"): Promise<Results> {
  using data = temporaryFolder("bench-thread");
  const server = fileURLToPath(new URL("../slow-disk-thread.ts", import.meta.url));
  const { child, line, exited } = await spawnUntilLine([...wrap, process.execPath, server, where, data.path]);
  const started: unknown = JSON.parse(line);
  const url = new URL("/events", String(field(started, "url")));
  await loadClosed({ url, makers: MIXED, total: 1_000, concurrency: 16 });
  await fetch(new URL("/reset", url));
  const load = await loadOpen({ url, makers: MIXED, perSecond: 1_000, seconds: bench.isQuick ? 3 : 8 });
  expectAllAccepted(bench, load);
  const delay = Number(await (await fetch(new URL("/delay", url))).text());
  process.kill(Number(field(started, "pid")), "SIGKILL");
  child.kill("SIGKILL");
  await exited;
  return {
    [`thread_${where}_p50_ms`]: round(percentile(load.latencies, 0.5)),
    [`thread_${where}_p99_ms`]: round(percentile(load.latencies, 0.99)),
    [`thread_${where}_loop_delay_p99_ms`]: round(delay),
  };
}
