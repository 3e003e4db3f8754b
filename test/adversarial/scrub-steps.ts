import { expect } from "vitest";
import { prose, type HostileText } from "../../bench/hostile-texts.ts";
import { createEngine } from "../../packages/scrub/src/engine/engine.ts";
import type { Cut } from "../../packages/scrub/src/engine/pieces.ts";
import { Work } from "../../packages/scrub/src/engine/work.ts";
import { RULES, TYPES } from "../../packages/scrub/src/rules/index.ts";

/**
 * What a text costs in steps of the engine, counted and not timed: the count that also ends the judging of
 * a hostile one. `npm run bench:scrub -- --hostile` says what the same texts cost in time.
 */
let work: Work | undefined;
const engine = createEngine(RULES, TYPES, (length) => (work = new Work(length)));

export const LENGTHS = [20_000, 80_000, 320_000] as const;
/** Multiples of prose of the same length. Short texts have some looks free, which weigh less the longer a text is. */
const MOST: Readonly<Record<number, number>> = { 20_000: 6.5, 80_000: 5.5, 320_000: 5.3 };

export function cutsOf(text: string): readonly Cut[] | null {
  return engine.findCuts(text);
}

export function stepsOf(text: string): number {
  work = undefined;
  engine.findCuts(text);
  if (work !== undefined) return work.steps();
  // Read once and nothing met.
  const once = new Work(text.length);
  once.read(text.length);
  return once.steps();
}

export function timesProse(text: string): number {
  return stepsOf(text) / proseSteps(text.length);
}

const ofProse = new Map<number, number>();

function proseSteps(length: number): number {
  const known = ofProse.get(length) ?? stepsOf(prose(length));
  ofProse.set(length, known);
  return known;
}

/** Returns the multiple, for those who list the worst. */
export function expectBounded({ name, make }: HostileText, length: number): number {
  const times = timesProse(make(length));
  expect(times, `${name} at ${length}, as a multiple of prose`).toBeLessThanOrEqual(MOST[length] ?? 0);
  return times;
}
