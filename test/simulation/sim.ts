/**
 * `npm run sim -- [--seeds 1000] [--seed S] [--steps K]`: plays seeds of the real kernel against faults, in
 * threads, and holds the laws after every step. A seed that fails is printed with the command that plays it
 * again up to where it fails. `--postgres [--deeds 3000] [--seed S]`: four processes on a PostgreSQL of their own,
 * one of which is killed every few deeds. The last line is one JSON object.
 */
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { FAULT_NAMES, FAULTS } from "./faults.ts";
import type { Seeds } from "./seeds.ts";

const THREADS = 2;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
    steps: { type: "string" },
    postgres: { type: "boolean", default: false },
    deeds: { type: "string", default: "3000" },
  },
});
if (values.postgres) {
  const { runFour } = await import("./four/run.ts");
  const { startCluster } = await import("../postgres-cluster.ts");
  const cluster = await startCluster({ fsync: "off" });
  try {
    const [seed, deeds] = [Number(values.seed), Number(values.deeds)];
    const { violations, ...done } = await runFour({ databaseUrl: cluster.url, seed, deeds, killEvery: 40 });
    for (const what of violations.slice(0, 20)) process.stdout.write(`  ${what}\n`);
    process.stdout.write(`${JSON.stringify({ ...done, violations: violations.length })}\n`);
    if (violations.length > 0) process.exitCode = 1;
  } finally {
    cluster.stop();
  }
  process.exit();
}
const [seeds, first] = [Number(values.seeds), Number(values.seed)];
const limit = values.steps === undefined ? undefined : Number(values.steps);
if (![seeds, first, limit ?? 0].every((value) => Number.isSafeInteger(value) && value >= 0) || seeds === 0) {
  process.stderr.write("--seeds takes a number from 1 on, --seed and --steps one from 0 on.\n");
  process.exit(2);
}

const begun = performance.now();
const parts = await Promise.all(Array.from({ length: Math.min(THREADS, seeds) }, (_, nth) => inThread(nth)));
const seconds = Math.round((performance.now() - begun) / 100) / 10;

for (const { seed, steps, violations } of parts.flatMap(({ failures }) => failures)) {
  process.stdout.write(`seed ${seed}, after ${steps} steps:\n`);
  for (const what of violations.slice(0, 5)) process.stdout.write(`  ${what}\n`);
  process.stdout.write(`  npm run sim -- --seeds 1 --seed ${seed} --steps ${steps}\n`);
}
const reached = FAULT_NAMES.filter((fault) => parts.some((part) => part.reached.includes(fault)));
const missing = FAULT_NAMES.filter((fault) => !reached.includes(fault));
if (limit === undefined)
  for (const fault of missing) process.stdout.write(`never happened: ${fault} (${FAULTS[fault]})\n`);
const sum = (of: (part: Seeds) => number): number => parts.reduce((total, part) => total + of(part), 0);
const violations = sum((part) => part.violations);
process.stdout.write(
  `${JSON.stringify({ seeds: sum((part) => part.seeds), first_seed: first, steps: sum((part) => part.steps), violations, faults_reached: reached, faults_missing: missing, seconds })}\n`,
);
// One seed that is played again cannot hold every fault.
const isReplay = limit !== undefined;
if (violations > 0 || (missing.length > 0 && !isReplay)) process.exitCode = 1;

function inThread(nth: number): Promise<Seeds> {
  const { promise, resolve, reject } = Promise.withResolvers<Seeds>();
  const argv = [first + nth, THREADS, first + seeds, ...(limit === undefined ? [] : [limit])].map(String);
  const worker = new Worker(new URL("worker.ts", import.meta.url), { argv });
  worker.once("message", resolve);
  worker.once("error", reject);
  worker.once("exit", (code) => reject(new Error(`a thread ended by itself, code ${code}`)));
  return promise;
}
