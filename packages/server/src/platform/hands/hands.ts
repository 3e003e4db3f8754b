import type { ProbeHands } from "@prunella/contract";
import { systemClock } from "../clock.ts";
import { askHttp } from "./http.ts";
import { askDisk, createProcessList, readFile, spawnWith } from "./machine.ts";
import { askDns, askTcp } from "./net.ts";
import { queryWith } from "./query.ts";

/** What probes reach of the outside. Relative paths begin at `base`, the folder of the configuration. */
export const createHands = (base: string): ProbeHands => ({
  now: () => systemClock.now(),
  http: (ask, signal) => askHttp(ask, signal, base),
  tcp: askTcp,
  dns: askDns,
  spawn: spawnWith(base),
  readFile,
  disk: askDisk,
  processes: createProcessList(() => systemClock.now()),
  query: queryWith(base),
});
