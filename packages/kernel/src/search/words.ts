/**
 * How text becomes words, for what is written and for what is asked: letters and digits that stand
 * together, in lower case. Languages without spaces between words give one word a character.
 */

/** Longer ones are cut, on both sides alike. */
const LONGEST = 64;
const SCRIPTS = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}";
const ANY_WORD = new RegExp(`[${SCRIPTS}]|(?:(?![${SCRIPTS}])[\\p{L}\\p{N}\\p{M}])+`, "gu");
const ASCII_WORD = /[A-Za-z0-9]+/g;
const IS_ASCII = /^[\u0000-\u007f]*$/;

/** In their order, as they were written; `toWord` makes them equal. */
export function rawWords(text: string): string[] {
  return IS_ASCII.test(text) ? (text.match(ASCII_WORD) ?? []) : (text.normalize("NFKC").match(ANY_WORD) ?? []);
}

export function toWord(raw: string): string {
  const lower = raw.toLowerCase();
  return lower.length <= LONGEST ? lower : [...lower].slice(0, LONGEST).join("");
}

export const wordsOf = (text: string): string[] => rawWords(text).map(toWord);

const HUMP = /(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/;

/** What a name ends with from each of its humps on: `getUserName` is found by `userName` and by `name`. */
export function endsOf(raw: string): string[] {
  if (raw === raw.toLowerCase()) return [];
  const humps = raw.split(HUMP);
  return humps.slice(1).map((_, at) => toWord(humps.slice(at + 1).join("")));
}
