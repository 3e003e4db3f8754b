/**
 * What judging a text costs, counted in steps. One step is a look of a rule at one keyword that reads what
 * stands there, about 2.5 µs; cheaper looks are parts of one (`priceOf`). Documentation and command output
 * ask for 3 a thousand characters in the middle and, over 20,000, at most for 36; a file of nothing but
 * passwords asks for 34, and with what is read again for 55.
 */
const FREE = 300;
const A_THOUSAND = 40;
/** Reading a thousand characters once, keyword by keyword, in steps. */
const READING = 6;
/** All further rounds: what is left, what stands behind disguises, copies of what was found. */
const ROUNDS = 20;

/** What all rounds over one text have cost so far. Counted and not timed: the same text always gives the same result. */
export class Work {
  readonly #most: number;
  #steps = 0;

  constructor(length: number) {
    // Short texts are read as often as long ones.
    this.#most = looksFor(length) + (length * ROUNDS) / 1_000 + ROUNDS * 2;
  }

  /** Counts one reading of so many characters. */
  read(characters: number): void {
    this.#steps += (characters * READING) / 1_000;
  }

  look(looks: number): void {
    this.#steps += looks;
  }

  exhausted(): boolean {
    return this.#steps > this.#most;
  }

  /** What was counted: the same number for the same text, on every machine. */
  steps(): number {
    return this.#steps;
  }
}

/** Looks that one reading of a text of this length may ask for. */
export function looksFor(length: number): number {
  return FREE + (length * A_THOUSAND) / 1_000;
}
