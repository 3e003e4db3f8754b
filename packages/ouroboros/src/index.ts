export * from "./audit.ts";
export * from "./digest.ts";
export * from "./manifest.ts";
export * from "./plugin.ts";
export * from "./words.ts";
