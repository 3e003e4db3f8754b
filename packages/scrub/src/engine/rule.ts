import { isTokenChar, startsWord } from "../text/characters.ts";

/** Half-open range of the text. `open`: it ran into the end of the window and may go on (see `Rule.tail`). */
export type Span = {
  start: number;
  end: number;
  open: boolean;
  type?: string;
  /** What goes with it, further away: the next rows of a column. */
  more?: readonly { readonly start: number; readonly end: number }[];
  /** Goes only where nothing may point anywhere: in anonymous reports and in fields typed as an address. */
  strictOnly?: true;
};

/**
 * Looks at one keyword hit and says what must go, or null. It may read `text` only within
 * [lo, hi): at most `LOOK_BACK` characters before the hit and `LOOK_AHEAD` from its start on. That
 * bound is what keeps the scrubber linear and idempotent: what happens at a hit depends on nothing
 * further away.
 */
export type Finder = (text: string, start: number, end: number, lo: number, hi: number) => Span | null;

export const LOOK_BACK = 128;
export const LOOK_AHEAD = 384;

export type Rule = {
  /** Kebab-case, unique; what redactions are counted under. */
  readonly name: string;
  /** What the placeholder says: `[REDACTED:TYPE]`. A finder may name a narrower one per span. */
  readonly type: string;
  /** When spans overlap they are removed together, and the highest rank names them. */
  readonly rank: 1 | 2 | 3;
  /** Lower-case ASCII; one of them stands in everything the rule finds. */
  readonly keywords: readonly string[];
  /** It reads on to the end of the word, so of keywords that begin at one place only the longest is looked at: `pass`, `password`. */
  readonly longestOnly?: true;
  /** What it finds at one keyword it finds at each of its keywords inside of that. */
  readonly findsWhole?: true;
  /** The keywords outside ASCII, as one global pattern. */
  readonly foreign?: RegExp | undefined;
  /**
   * Cheap refusal while scanning. It may only demand something that stands directly behind the
   * keyword, so that cutting the text anywhere never turns a no into a yes.
   */
  readonly guard?: ((text: string, start: number, end: number) => boolean) | undefined;
  readonly find: Finder;
  /** What a look at this hit costs against a usual one, where it may be far more. */
  readonly price?: (text: string, start: number, end: number) => number;
  /** An open span goes on while this holds for the char code. */
  readonly tail?: (code: number) => boolean;
  /**
   * Where an open span really begins and ends, within [lo, hi) of the piece: it may read beyond the window,
   * because what it reads goes. It must stop where the next thing of its kind begins, or many would cost too much.
   */
  readonly grow?: (
    text: string,
    span: Span,
    lo: number,
    hi: number,
  ) => { readonly start: number; readonly end: number };
  /** Words it looks for in front of what it finds, beside its keywords: names of keys that hold one are read with their value. */
  readonly context?: RegExp;
  /** A made-up text that the rule changes, put together at run time so that no scanner trips. */
  readonly example?: () => string;
};

export const RANK = { personal: 1, context: 2, token: 3 } as const;

export type TokenRule = {
  name: string;
  type: string;
  keywords: readonly string[];
  /** Sticky, starts with the keyword, every quantifier bounded. */
  pattern: RegExp;
  /** Keep the keyword itself readable (`AccountKey=`). */
  keepsKeyword?: boolean;
  /** False for prefixes so distinctive that they count in the middle of a word. */
  boundary?: boolean;
  rank?: 1 | 2 | 3;
  tail?: (code: number) => boolean;
  example: () => string;
};

/** A rule for a token that begins with its keyword. */
export function tokenRule(given: TokenRule): Rule {
  const { pattern, boundary = true, keepsKeyword = false } = given;
  if (!pattern.sticky) throw new RangeError(`pattern of ${given.name} is not sticky`);
  return {
    name: given.name,
    type: given.type,
    rank: given.rank ?? RANK.token,
    keywords: given.keywords,
    tail: given.tail ?? isTokenChar,
    example: given.example,
    find(text, start, end, lo, hi) {
      if (boundary && !startsWord(text, start, lo)) return null;
      const window = text.slice(start, hi);
      pattern.lastIndex = 0;
      const match = pattern.exec(window);
      if (match === null) return null;
      const stop = start + match[0].length;
      return { start: keepsKeyword ? end : start, end: stop, open: stop >= hi };
    },
  };
}
