import type { ProbeHands } from "@prunella/contract";
import { systemClock } from "../clock.ts";
import { createCredentials } from "./credential.ts";
import { createDisk } from "./disk.ts";
import { createHttp } from "./http.ts";
import { createProcessList, createReadFile, spawnWith } from "./machine.ts";
import { askDns, askTcp } from "./net.ts";
import { createPathLooks, type PathLooks } from "./path-looks.ts";
import { queryWith } from "./query.ts";

/** What probes reach of the outside. Relative paths begin at `base`, the folder of the configuration. */
export function createHands(base: string, paths: PathLooks = createPathLooks()): ProbeHands {
  const spawn = spawnWith(base);
  const readFile = createReadFile(base, paths);
  const credentials = createCredentials(readFile);
  return {
    now: () => systemClock.now(),
    http: createHttp(credentials, readFile),
    tcp: askTcp,
    dns: askDns,
    spawn,
    readFile,
    disk: createDisk(base, paths, spawnWith(base, true)),
    processes: createProcessList(() => systemClock.now()),
    query: queryWith(credentials),
  };
}
