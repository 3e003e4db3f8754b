export { createIds, type NewId } from "./ids.ts";
export { createKernel, type Kernel, type KernelDeps } from "./kernel.ts";
export type { Clock, Log, Rng } from "./ports.ts";
export { Permit, type Redeemed } from "./gate/permit.ts";
export { appendLedger, readEntries, readHead } from "./ledger/append.ts";
export type { Engine, Tx } from "./store/engine.ts";
export type { Tables } from "./store/tables.ts";
export { migrate } from "./store/migrate.ts";
export { createWriter, type Writer } from "./store/writer.ts";
