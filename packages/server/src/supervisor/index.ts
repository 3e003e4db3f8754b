export {
  spawnProgram,
  SpawnFailure,
  type Exit,
  type Spawn,
  type Spawned,
  type SpawnRequest,
} from "../platform/spawn.ts";
export { createSpawnThread, type SpawnThread } from "../platform/spawn-thread.ts";
export { isForeground, leadsGroup } from "../platform/terminal.ts";
export { recordedPrograms } from "../platform/program-files.ts";
export { isRunning, processOf } from "../platform/processes.ts";
export { endEarlier } from "./earlier.ts";
export { createHttpPort, type Owner } from "./http-port.ts";
export { createLocalPort } from "./local-port.ts";
export { takePlace, type Place } from "./place.ts";
export type { SupervisorPort } from "./port.ts";
export { supervise, type Stdio, type SuperviseDeps, type Supervision } from "./supervise.ts";
export { describe, shortId, type SupervisorEvent } from "./supervisor-event.ts";
export type { Program } from "./starter.ts";
