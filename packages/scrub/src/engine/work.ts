/**
 * What judging a text costs, counted in looks: one call of a rule at one keyword. Of ordinary text,
 * documentation included, no four thousand characters ask for more than 90 looks a thousand; a file of
 * nothing but passwords asks for 95.
 */
const FREE = 400;
const A_THOUSAND = 120;
/** Reading a thousand characters once, keyword by keyword, against looks. */
const READING = 12;
/** The first reading, and three more: of what is left, and of what stands behind disguises. */
const READINGS = 4 * READING;

/** What all rounds over one text have cost so far. Counted and not timed: the same text always gives the same result. */
export class Work {
  #left: number;

  constructor(length: number) {
    this.#left = looksFor(length) + (length * READINGS) / 1_000 + READINGS;
  }

  /** Counts one reading of so many characters. */
  read(characters: number): void {
    this.#left -= (characters * READING) / 1_000;
  }

  look(looks: number): void {
    this.#left -= looks;
  }

  exhausted(): boolean {
    return this.#left < 0;
  }
}

/** Looks that a text of this length may ask for. */
export function looksFor(length: number): number {
  return FREE + (length * A_THOUSAND) / 1_000;
}
