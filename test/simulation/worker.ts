import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { playSeeds } from "./seeds.ts";
import { openStore } from "./store.ts";

const { first, step, end, limit } = z
  .strictObject({ first: z.int(), step: z.int(), end: z.int(), limit: z.int().optional() })
  .parse(workerData);

function* everyOther(): Generator<number> {
  for (let seed = first; seed < end; seed += step) yield seed;
}

parentPort?.postMessage(await playSeeds(await openStore(), everyOther(), { limit }));
