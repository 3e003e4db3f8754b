import { parentPort, workerData } from "node:worker_threads";
import { createSeeded } from "../crashloop/seeded.ts";
import { startCoverage, type Coverage } from "./coverage.ts";
import { mutate } from "./mutate.ts";
import type { Target } from "./target.ts";
import { TARGETS } from "./targets/index.ts";

/** What the thread is handed: the input that runs stands in `shared`, so that a hang can be told from outside. */
export interface WorkerInput {
  readonly name: string;
  readonly seed: number;
  readonly ms: number;
  readonly shared: SharedArrayBuffer;
  /** Runs this one input and nothing else. */
  readonly replay: string | null;
  /** What a guided run kept: mutated without asking for coverage, which costs more than most targets do. */
  readonly kept: readonly Uint8Array[] | null;
}

export type WorkerReport =
  | { readonly kind: "failure"; readonly input: string; readonly error: string }
  | { readonly kind: "done"; readonly kept: readonly Uint8Array[]; readonly blocks: number };

/** Coverage is asked for after so many inputs at least; asking may take this share of the time. */
const LEAST_BATCH = 192;
const MOST_BATCH = 8_192;
const ASKING = 0.1;
const MOST_CORPUS = 4_000;

const { name, seed, ms, shared, replay, kept }: WorkerInput = workerData;
const target = targetOf(name);
const counters = new Int32Array(shared, 0, 2);
const current = new Uint8Array(shared, 8);

function targetOf(wanted: string): Target {
  const found = TARGETS.find((each) => each.name === wanted);
  if (found === undefined) throw new Error(`no target ${wanted}`);
  return found;
}

async function runOne(bytes: Buffer): Promise<boolean> {
  current.set(bytes.subarray(0, current.length));
  counters[1] = Math.min(bytes.length, current.length);
  Atomics.add(counters, 0, 1);
  try {
    await target.run(bytes);
    return true;
  } catch (error) {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    report({ kind: "failure", input: bytes.toString("base64"), error: told.slice(0, 2_000) });
    return false;
  }
}

function report(message: WorkerReport): void {
  parentPort?.postMessage(message);
}

const random = createSeeded(seed);
const corpus: Buffer[] = (kept ?? target.corpus()).map((each) => Buffer.from(each));
const pick = (): Buffer => corpus[Math.floor(random() ** 0.7 * corpus.length)] ?? Buffer.of();

/** So many new inputs; null after a failure. */
async function runBatch(inputs: number): Promise<Buffer[] | null> {
  const batch: Buffer[] = [];
  for (let i = 0; i < inputs; i++) {
    const bytes = mutate(pick(), pick(), target.words ?? [], random);
    batch.push(bytes);
    if (!(await runOne(bytes))) return null;
  }
  return batch;
}

/** Keeps the inputs that reach something new, found by halves: few of a batch do. False after a failure. */
async function keepNew(batch: readonly Buffer[], coverage: Coverage): Promise<boolean> {
  for (const bytes of batch) if (!(await runOne(bytes))) return false;
  const own = await coverage.take();
  if (own.length === 0) return true;
  const [only] = batch;
  if (batch.length === 1 && only !== undefined) {
    corpus.push(only);
    coverage.add(own);
    return true;
  }
  const half = batch.length >> 1;
  return (await keepNew(batch.slice(0, half), coverage)) && keepNew(batch.slice(half), coverage);
}

async function runGuided(): Promise<void> {
  const coverage = await startCoverage();
  for (const bytes of corpus) if (!(await runOne(bytes))) return;
  coverage.add(await coverage.take());
  const until = performance.now() + ms;
  for (let inputs = LEAST_BATCH; performance.now() < until;) {
    const began = performance.now();
    const batch = await runBatch(inputs);
    if (batch === null) return;
    const asked = performance.now();
    const fresh = await coverage.take();
    const share = (performance.now() - asked) / (performance.now() - began);
    inputs = share > ASKING ? Math.min(MOST_BATCH, inputs * 2) : Math.max(LEAST_BATCH, inputs >> 1);
    if (fresh.length > 0 && !(await keepNew(batch, coverage))) return;
    // A block that only runs once, such as a table that is built, is nobody's.
    coverage.add(fresh);
    if (corpus.length > MOST_CORPUS) corpus.splice(0, corpus.length - MOST_CORPUS);
  }
  report({ kind: "done", kept: corpus, blocks: coverage.size() });
}

async function runFree(): Promise<void> {
  for (const until = performance.now() + ms; performance.now() < until;)
    if ((await runBatch(LEAST_BATCH)) === null) return;
  report({ kind: "done", kept: [], blocks: 0 });
}

if (replay !== null) await runOne(Buffer.from(replay, "base64"));
else if (kept === null) await runGuided();
else await runFree();
