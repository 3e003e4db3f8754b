export { systemd } from "./probe.ts";
