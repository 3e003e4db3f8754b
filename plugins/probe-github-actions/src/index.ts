export { githubActions } from "./probe.ts";
