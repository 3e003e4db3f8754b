// By path and not by name: the package is published, so its name leads to what was built of it, and the
// command runs from sources. What it needs is the person's side, which the package does not publish.
export * from "../../client/src/local.ts";
export { SENDER } from "./place.ts";
