import { Worker } from "node:worker_threads";
import type { WorkerInput, WorkerReport } from "./worker.ts";

export interface Failure {
  /** base64 */
  readonly input: string;
  readonly error: string;
}

export interface TargetRun {
  readonly inputs: number;
  readonly corpus: number;
  readonly blocks: number;
  readonly seconds: number;
  readonly failure: Failure | null;
}

/** Of one input. The slowest honest one takes some 50 ms; the machine may have other work. */
const HANGS_AFTER_MS = 10_000;
const LONGEST_INPUT = 64 * 1024;

/** Feeds one target in a thread of its own, so that a hang is told from outside; ends with the first failure. */
export async function runTarget(given: Omit<WorkerInput, "shared">): Promise<TargetRun> {
  const shared = new SharedArrayBuffer(8 + LONGEST_INPUT);
  const counters = new Int32Array(shared, 0, 2);
  const input: WorkerInput = { ...given, shared };
  const worker = new Worker(new URL("worker.ts", import.meta.url), { workerData: input });
  const began = performance.now();
  const ended = Promise.withResolvers<Failure | null>();
  let summary = { corpus: 0, blocks: 0 };
  worker.on("message", (report: WorkerReport) => {
    if (report.kind === "failure") ended.resolve({ input: report.input, error: report.error });
    else summary = report;
  });
  worker.on("error", (error) => ended.resolve({ input: currentInput(), error: String(error) }));
  worker.on("exit", () => ended.resolve(null));

  let last = -1;
  let since = performance.now();
  const watch = setInterval(() => {
    const now = Atomics.load(counters, 0);
    if (now !== last) [last, since] = [now, performance.now()];
    else if (now > 0 && performance.now() - since > HANGS_AFTER_MS)
      ended.resolve({ input: currentInput(), error: `It hangs: more than ${HANGS_AFTER_MS} ms for one input.` });
  }, 500);
  const failure = await ended.promise;
  clearInterval(watch);
  await worker.terminate();
  const seconds = Math.max(0.001, (performance.now() - began) / 1_000);
  return { inputs: Atomics.load(counters, 0), corpus: summary.corpus, blocks: summary.blocks, seconds, failure };

  function currentInput(): string {
    return Buffer.from(new Uint8Array(shared, 8, counters[1])).toString("base64");
  }
}
