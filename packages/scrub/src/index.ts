export { Scrubbed, type DeepReadonly } from "./scrubbed.ts";
export { scrubAnonymousText, scrubText, type Redaction } from "./scrub-text.ts";
export { scrubEvent, type ScrubbedEvent } from "./scrub-event.ts";
export { scrubJson, type RedactionCounts } from "./scrub-json.ts";
export { createScrubber, tryRules, type RuleTrial, type ScrubPolicy, type Scrubber } from "./scrubber.ts";
export { type CustomRule } from "./custom-rule.ts";
export { scrubAnonymous, type AnonymousField, type AnonymousFields } from "./scrub-anonymous.ts";
export { scrubLabel } from "./scrub-label.ts";
export { RULES_VERSION } from "./rules/index.ts";
export { fingerprint, fingerprintBeside } from "./fingerprint/fingerprint.ts";
export { fingerprintAndTrace, type Trace } from "./fingerprint/v2.ts";
export {
  createSimilarity,
  explainSimilarity,
  THRESHOLD,
  type Ranked,
  type Similarity,
  type SimilarityState,
} from "./fingerprint/similarity.ts";
export { crashFingerprint, projectIdHash, stackSignature } from "./fingerprint/crash.ts";
export { describeFault } from "./describe-fault.ts";
export { parseStack, type Language, type ParsedStack } from "./stacks/parse-stack.ts";
