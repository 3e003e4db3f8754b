export { postgres } from "./probe.ts";
