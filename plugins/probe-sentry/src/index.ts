export { sentry } from "./probe.ts";
