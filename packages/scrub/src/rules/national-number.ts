import { compactOf } from "./check-digits.ts";
import { RANK, type Rule, type Span } from "../engine/rule.ts";
import { hasDigitWithin, isAlpha, startsWord } from "../text/characters.ts";
import type { NationalNumber } from "./national-number-kind.ts";
import { NATIONAL_NUMBERS } from "./national-number-table.ts";

const WORDS = wordsOf();
const ASCII = [...WORDS.keys()].filter((word) => /^[ -~]+$/.test(word));
const FOREIGN = [...WORDS.keys()].filter((word) => !ASCII.includes(word));

/** Numbers by which states know persons: each is told by its own arithmetic, and by a word in front where others look alike. */
export const NATIONAL_NUMBER: readonly Rule[] = [
  {
    name: "national-number",
    type: "NATIONAL_ID",
    rank: RANK.personal,
    keywords: ASCII,
    foreign: new RegExp(FOREIGN.join("|"), "gi"),
    context: new RegExp(FOREIGN.join("|"), "i"),
    // `sin` stands in `using`, `nif` in `unified`: behind the word something else begins, and no call.
    guard: (text, _start, end) => {
      const next = text.charCodeAt(end);
      return next !== 40 && !(next >= 97 && next <= 122) && hasDigitWithin(text, end, 56);
    },
    find(text, start, end, lo, hi) {
      if (!startsWord(text, start, lo) && !isHump(text, start)) return null;
      const behind = text.slice(end, Math.min(hi, end + 72));
      if (!/\d/.test(behind)) return null;
      for (const { number, pattern } of WORDS.get(text.slice(start, end).toLowerCase()) ?? []) {
        const match = pattern.exec(behind);
        if (match === null || !number.isValid(compactOf(match[1]!))) continue;
        const stop = end + match[0].length;
        return { start: stop - match[1]!.length, end: stop, open: false };
      }
      return null;
    },
    example: () => "PESEL: 440514" + "01359 is known",
  },
  ...NATIONAL_NUMBERS.flatMap((number) => bareRule(number) ?? []),
];

type Told = { readonly number: NationalNumber; readonly pattern: RegExp };

/** What may stand between a word and its number holds no other number and does not go on to the next field. */
function wordsOf(): ReadonlyMap<string, readonly Told[]> {
  const words = new Map<string, Told[]>();
  for (const number of NATIONAL_NUMBERS) {
    const pattern = new RegExp(`^[^\\n\\d,;}&]{0,40}?(?<![A-Za-z0-9])(${number.shape})(?![A-Za-z0-9]|[.,-]\\d)`);
    for (const word of number.words.split("|")) {
      const told = words.get(word) ?? [];
      told.push({ number, pattern });
      words.set(word, told);
    }
  }
  return words;
}

/** Written with its own marks it needs no word. */
function bareRule(number: NationalNumber): Rule | null {
  const { bare, country, isValid } = number;
  if (bare === undefined) return null;
  const pattern = new RegExp(`(?<![\\w.+/#-])(?:${bare.shape})(?![\\w-]|[.,/ ]\\d)`, "g");
  const behind = bare.guard;
  return {
    name: `national-number-${country.toLowerCase().replace(/[^a-z]+/g, "-")}`,
    type: "NATIONAL_ID",
    rank: RANK.personal,
    keywords: bare.keywords,
    guard: behind === undefined ? undefined : (text, _start, end) => stands(behind, text, end),
    find(text, start, end, lo, hi): Span | null {
      // The longest of them begins so far in front of its keyword.
      const from = Math.max(lo, start - 12);
      pattern.lastIndex = 0;
      const window = text.slice(from, Math.min(hi, end + 20));
      for (let match = pattern.exec(window); match !== null; match = pattern.exec(window)) {
        const at = from + match.index;
        if (at <= start && at + match[0].length >= end && isValid(compactOf(match[0])))
          return { start: at, end: at + match[0].length, open: false };
      }
      return null;
    },
    example: bare.example,
  };
}

function stands(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

/** `customerSSN`, `userBsn`: a capital begins a word. */
function isHump(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 65 && code <= 90 && isAlpha(text.charCodeAt(at - 1));
}
