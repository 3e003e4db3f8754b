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

type Given = Pick<WorkerInput, "name" | "ms" | "seed" | "replay">;
type Phase = Omit<TargetRun, "corpus"> & { readonly kept: readonly Uint8Array[] };

/**
 * Of one input. The slowest honest one takes some 50 ms. Counted in CPU time, because the machine may have
 * other work; who waits for something that never comes uses none, and is told by the clock.
 */
const HANGS_AFTER_CPU_MS = 10_000;
const HANGS_AFTER_MS = 120_000;
const LONGEST_INPUT = 64 * 1024;
/** Of the time with coverage; what it found is mutated without, many times as fast. */
const GUIDED = 0.4;

/** Feeds one target, first led by coverage and then at full speed; ends with the first failure. */
export async function runTarget(given: Given): Promise<TargetRun> {
  const guided = await runPhase({ ...given, ms: given.ms * GUIDED, kept: null });
  const found = { ...guided, corpus: guided.kept.length };
  if (guided.failure !== null || given.replay !== null) return found;
  const free = await runPhase({ ...given, ms: given.ms * (1 - GUIDED), seed: given.seed + 1, kept: guided.kept });
  return {
    ...found,
    inputs: guided.inputs + free.inputs,
    seconds: guided.seconds + free.seconds,
    failure: free.failure,
  };
}

/** In a thread of its own, so that a hang is told from outside, and none pays for the coverage of another. */
async function runPhase(given: Omit<WorkerInput, "shared">): Promise<Phase> {
  const shared = new SharedArrayBuffer(8 + LONGEST_INPUT);
  const counters = new Int32Array(shared, 0, 2);
  const input: WorkerInput = { ...given, shared };
  const worker = new Worker(new URL("worker.ts", import.meta.url), { workerData: input });
  const began = performance.now();
  const ended = Promise.withResolvers<Failure | null>();
  let summary: Pick<Phase, "kept" | "blocks"> = { kept: [], blocks: 0 };
  worker.on("message", (report: WorkerReport) => {
    if (report.kind === "failure") ended.resolve({ input: report.input, error: report.error });
    else summary = report;
  });
  worker.on("error", (error) => ended.resolve({ input: currentInput(), error: String(error) }));
  worker.on("exit", () => ended.resolve(null));

  let last = -1;
  let since = performance.now();
  let used = process.cpuUsage();
  const watch = setInterval(() => {
    const now = Atomics.load(counters, 0);
    if (now !== last) [last, since, used] = [now, performance.now(), process.cpuUsage()];
    else if (now > 0 && hangs(performance.now() - since, process.cpuUsage(used)))
      ended.resolve({ input: currentInput(), error: `It hangs: more than ${HANGS_AFTER_CPU_MS} ms for one input.` });
  }, 500);
  const failure = await ended.promise;
  clearInterval(watch);
  await worker.terminate();
  const seconds = Math.max(0.001, (performance.now() - began) / 1_000);
  return { inputs: Atomics.load(counters, 0), ...summary, seconds, failure };

  function currentInput(): string {
    return Buffer.from(new Uint8Array(shared, 8, counters[1])).toString("base64");
  }
}

function hangs(ms: number, { user, system }: NodeJS.CpuUsage): boolean {
  return ms > HANGS_AFTER_MS || (user + system) / 1_000 > HANGS_AFTER_CPU_MS;
}
