import { parentPort } from "node:worker_threads";
import { playSeeds } from "./seeds.ts";
import { openStore } from "./store.ts";

const [first = 0, step = 1, end = 0, limit] = process.argv.slice(2).map(Number);

function* everyOther(): Generator<number> {
  for (let seed = first; seed < end; seed += step) yield seed;
}

parentPort?.postMessage(await playSeeds(await openStore(), everyOther(), { limit }));
