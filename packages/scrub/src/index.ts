/**
 * The package's public list. Each drawer imports only from those in front of it; a test holds that:
 *
 *     text → disguise → engine → keys → rules/families → rules → faces → stacks → fingerprint
 *
 * text: characters, and what was met before. disguise: escapes, colours, wraps and base64 around a
 * secret. engine: one pass over the text and what goes with it; knows no rule by name. keys: what the
 * name of a key says about its value. rules: the table; families: tokens, one file an area. faces: the
 * entrances, and the proof that a value went through one. stacks: one parser a language. fingerprint:
 * keys, titles and likeness of events.
 */
export { Scrubbed, type DeepReadonly } from "./faces/scrubbed.ts";
export { scrubAnonymousText, scrubText, type Redaction } from "./faces/scrub-text.ts";
export { scrubEvent, type ScrubbedEvent } from "./faces/scrub-event.ts";
export { scrubJson, type RedactionCounts } from "./faces/scrub-json.ts";
export { createScrubber, tryRules, type RuleTrial, type ScrubPolicy, type Scrubber } from "./faces/scrubber.ts";
export { type CustomRule } from "./rules/custom-rule.ts";
export { scrubAnonymous, type AnonymousField, type AnonymousFields } from "./faces/scrub-anonymous.ts";
export { scrubLabel } from "./faces/scrub-label.ts";
export { RULES_VERSION } from "./rules/index.ts";
export { fingerprint, fingerprintAndTrace, FINGERPRINT_VERSIONS } from "./fingerprint/fingerprint.ts";
export { type FingerprintVersion, type Trace } from "./fingerprint/version.ts";
export {
  createSimilarity,
  explainSimilarity,
  THRESHOLD,
  type Ranked,
  type Similarity,
  type SimilarityState,
} from "./fingerprint/similarity.ts";
export { crashFingerprint, projectIdHash, stackSignature } from "./fingerprint/crash.ts";
export { describeFault } from "./fingerprint/describe-fault.ts";
export { readCause } from "./stacks/cause-line.ts";
export { parseStack, type Language, type ParsedStack } from "./stacks/parse-stack.ts";
