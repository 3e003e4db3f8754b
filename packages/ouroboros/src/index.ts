export * from "./audit.ts";
export * from "./digest.ts";
export * from "./manifest.ts";
