/** Where programs that nobody trusts run. */
export { RULES } from "./engine.ts";
export { createEngine } from "./engines.ts";
export { choicesOf, standingElsewhere, unenforcedOf } from "./sandbox.ts";
