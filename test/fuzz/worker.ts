import { parentPort, workerData } from "node:worker_threads";
import { createSeeded } from "../crashloop/seeded.ts";
import { startCoverage } from "./coverage.ts";
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
}

export type WorkerReport =
  | { readonly kind: "failure"; readonly input: string; readonly error: string }
  | { readonly kind: "done"; readonly inputs: number; readonly corpus: number; readonly blocks: number };

/** Coverage is asked for after so many inputs; which of them were new is found by running them again. */
const BATCH = 192;
const MOST_CORPUS = 4_000;

const { name, seed, ms, shared, replay }: WorkerInput = workerData;
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

if (replay !== null) await runOne(Buffer.from(replay, "base64"));
else {
  const random = createSeeded(seed);
  const coverage = await startCoverage();
  const corpus = target.corpus().map((each) => (typeof each === "string" ? Buffer.from(each) : each));
  const pick = (): Buffer => corpus[Math.floor(random() ** 0.7 * corpus.length)] ?? Buffer.of();
  let isSound = true;
  for (const bytes of corpus) isSound &&= await runOne(bytes);
  coverage.add(await coverage.take());
  const until = performance.now() + ms;
  while (isSound && performance.now() < until) {
    const batch: Buffer[] = [];
    for (let i = 0; isSound && i < BATCH; i++) {
      const bytes = mutate(pick(), pick(), target.words ?? [], random);
      batch.push(bytes);
      isSound = await runOne(bytes);
    }
    const fresh = isSound ? await coverage.take() : [];
    for (const bytes of fresh.length === 0 ? [] : batch) {
      isSound &&= await runOne(bytes);
      const own = await coverage.take();
      if (own.length > 0) corpus.push(bytes);
      coverage.add(own);
    }
    // A block that only runs once, such as a table that is built, is nobody's.
    coverage.add(fresh);
    if (corpus.length > MOST_CORPUS) corpus.splice(0, corpus.length - MOST_CORPUS);
  }
  report({ kind: "done", inputs: Atomics.load(counters, 0), corpus: corpus.length, blocks: coverage.size() });
}
