import { applyCuts, type Engine } from "../engine/engine.ts";
import type { Cut } from "../engine/pieces.ts";
import { placeholder } from "../engine/placeholder.ts";

/** Longer values are texts of their own; the name of their key says little about what stands deep inside. */
const MOST = 256;
const MAX_ROUNDS = 4;

export type Note = (text: string, cuts: readonly Cut[]) => void;

/**
 * Cards, phones and numbers of persons count beside a word that says so. In a structure that word is
 * the key, so the value is read with it, as a reader of the same JSON in one text would.
 * `keys`: the names above the value, outermost first.
 */
export function valueInContext(
  keys: readonly string[],
  value: string,
  scrub: (value: string) => string,
  engine: Engine,
  note: Note,
): string {
  if (value.length > MOST) return value;
  const before = `${keys.map((key) => `"${key}": `).join("{")}"`;
  let safe = value;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const text = `${before}${safe}"`;
    const cuts = inside(engine.findCuts(text), before.length, before.length + safe.length);
    if (cuts.length === 0) return safe;
    note(text, cuts);
    const cut = applyCuts(text, cuts);
    safe = scrub(cut.slice(before.length, -1));
  }
  return safe;
}

/** A number of JSON under such a key: the placeholder that it becomes, or null where it stays. */
export function numberInContext(keys: readonly string[], value: number, engine: Engine, note: Note): string | null {
  const digits = String(value);
  const before = `${keys.map((key) => `"${key}": `).join("{")}`;
  const text = `${before}${digits}`;
  const cuts = inside(engine.findCuts(text), before.length, text.length);
  if (cuts.length === 0) return null;
  note(text, cuts);
  return placeholder(cuts[0]!.type);
}

function inside(cuts: readonly Cut[] | null, lo: number, hi: number): readonly Cut[] {
  return cuts === null ? [] : cuts.filter(({ start, end }) => start >= lo && end <= hi);
}
