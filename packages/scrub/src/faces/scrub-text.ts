import { applyCuts, createEngine, type Engine } from "../engine/engine.ts";
import type { Cut } from "../engine/pieces.ts";
import { RULES, TYPES } from "../rules/index.ts";
import { markScrubbed, type Scrubbed } from "./scrubbed.ts";

/** What was taken out: the rule, and where it stood in the original text. Never the value. */
export type Redaction = { rule: string; start: number; length: number };

/** The rules that come with Prunella, without any policy. */
export const DEFAULT_ENGINE: Engine = createEngine(RULES, TYPES);

/** Removes secrets and personal data; what goes leaves a typed placeholder. Linear, idempotent. */
export function scrubText(
  text: string,
  engine: Engine = DEFAULT_ENGINE,
): { text: Scrubbed<string>; redactions: Redaction[] } {
  const cuts = engine.findCuts(text);
  if (cuts === null) return { text: markScrubbed(text), redactions: [] };
  return {
    text: markScrubbed(applyCuts(text, cuts)),
    redactions: cuts.map(({ rule, start, end }) => ({ rule: rule.name, start, length: end - start })),
  };
}

/** The same for anonymous reports: addresses of private networks go too. */
export function scrubAnonymousText(text: string): { text: Scrubbed<string>; redactions: Redaction[] } {
  return scrubText(text, DEFAULT_ENGINE.strict);
}

/** The same for values inside a structure: returns the very same string when nothing was found. */
export function scrubString(
  text: string,
  count: (rule: string) => void,
  engine: Engine = DEFAULT_ENGINE,
  note?: (text: string, cuts: readonly Cut[]) => void,
): string {
  const cuts = engine.findCuts(text);
  if (cuts === null) return text;
  for (const cut of cuts) count(cut.rule.name);
  note?.(text, cuts);
  return applyCuts(text, cuts);
}
