export { fly } from "./probe.ts";
