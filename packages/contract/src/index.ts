export * from "./audit.ts";
export * from "./people.ts";
export * from "./config.ts";
export * from "./errors.ts";
export * from "./event.ts";
export * from "./fault.ts";
export * from "./fault-filter.ts";
export * from "./healing.ts";
export * from "./ids.ts";
export * from "./ledger.ts";
export * from "./messages.ts";
// Types alone: what the API speaks is loaded by those who speak it (`@prunella/contract/operations`).
export type * from "./operations/index.ts";
export * from "./probe.ts";
export * from "./rule-condition.ts";
export * from "./server-file.ts";
export * from "./version.ts";
