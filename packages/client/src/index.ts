export { install, type Client } from "./install.ts";
export type { Options } from "./program.ts";
