/**
 * What judging a text costs, counted in steps. One step is a look of a rule at one keyword that reads what
 * stands there, about 1.7 µs; cheaper looks are parts of one (`priceOf`). Documentation asks for 7 a thousand
 * characters, with its reading for 11; a file of nothing but passwords asks for 33, and with all rounds for 42.
 */
const FREE = 300;
const A_THOUSAND = 40;
/** Of texts that are not short: so that with all that they are read they ask for no more than `ALL`. */
const LONG_THOUSAND = 35;
const SHORT = 560;
/** All rounds over a text that is not short: just under four times what documentation asks for. */
const ALL = 43;
/** Short texts may be read as often as long ones. */
const SHORT_ALL = 860;
const SHORT_FREE = 640;
/** Reading a thousand characters once, keyword by keyword, in steps. */
const READING = 4;
/** Looking behind a keyword whether it may be one, which most of them end at. */
const GUARD = 1 / 100;
/** In documentation 41 a thousand characters, in lists of addresses 240. */
const GUARDS = 400;
const FREE_GUARDS = 500;

/** What all rounds over one text have cost so far. Counted and not timed: the same text always gives the same result. */
export class Work {
  readonly #most: number;
  #steps = 0;

  constructor(length: number) {
    this.#most = Math.min(SHORT_FREE + perThousand(length, A_THOUSAND), Math.max(SHORT_ALL, perThousand(length, ALL)));
  }

  /** Counts one reading of so many characters; false where it is not to be begun any more. */
  read(characters: number): boolean {
    const steps = perThousand(characters, READING);
    if (this.#steps + steps > this.#most) return false;
    this.#steps += steps;
    return true;
  }

  /** How many keywords a reading of so many characters may look behind. */
  guardsLeft(characters: number): number {
    return Math.min(guardsFor(characters), (this.#most - this.#steps) / GUARD);
  }

  guard(keywords: number): void {
    this.#steps += keywords * GUARD;
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
  return Math.min(
    FREE + perThousand(length, A_THOUSAND),
    Math.max(SHORT, perThousand(length, LONG_THOUSAND) - FREE_GUARDS * GUARD),
  );
}

/** Keywords that one reading of a text of this length may look behind. */
export function guardsFor(length: number): number {
  return FREE_GUARDS + perThousand(length, GUARDS);
}

function perThousand(characters: number, steps: number): number {
  return (characters * steps) / 1_000;
}
