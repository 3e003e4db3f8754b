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
const last: Work[] = [];
const engine = createEngine(RULES, TYPES, (length) => {
  const work = new Work(length);
  last.push(work);
  return work;
});

export const LENGTHS = [20_000, 80_000, 320_000] as const;
/** Multiples of prose of the same length. */
const MOST = 4;

export function cutsOf(text: string): readonly Cut[] | null {
  return engine.findCuts(text);
}

export function stepsOf(text: string): number {
  last.length = 0;
  engine.findCuts(text);
  const work = last.at(-1);
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

export function isBounded(times: number): boolean {
  return times <= MOST;
}

export function expectBounded({ name, make }: HostileText, length: number): void {
  const times = timesProse(make(length));
  expect(isBounded(times), `${name} at ${length}: ${times} times prose`).toBe(true);
}
