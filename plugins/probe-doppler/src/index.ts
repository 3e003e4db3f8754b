export { doppler } from "./probe.ts";
