export { Scrubbed, type DeepReadonly } from "./scrubbed.ts";
export { scrubText, type Redaction } from "./scrub-text.ts";
export { scrubEvent, type ScrubbedEvent } from "./scrub-event.ts";
export { scrubJson, type RedactionCounts } from "./scrub-json.ts";
export { scrubLabel } from "./scrub-label.ts";
export { RULES_VERSION } from "./rules/index.ts";
export { fingerprint } from "./fingerprint/fingerprint.ts";
export { describeFault } from "./describe-fault.ts";
export { parseStack, type ParsedStack } from "./stacks/parse-stack.ts";
