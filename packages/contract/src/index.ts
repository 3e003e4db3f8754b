export * from "./api.ts";
export * from "./config.ts";
export * from "./errors.ts";
export * from "./event.ts";
export * from "./fault.ts";
export * from "./healing.ts";
export * from "./ids.ts";
export * from "./ledger.ts";
