import { isMade, isRandom } from "../../keys/value.ts";
import { isAlnum, isAlpha, isDigit } from "../../text/characters.ts";

/**
 * Tokens that stand against other letters: two in a row, a word written on to one, one written on to
 * a word. Names of code begin and end like short prefixes and known lengths do, so something about the
 * token must say that it was made by chance.
 */

/** Made of capitals, small letters and digits, as no name and no hash is. */
function isMixed(body: string): boolean {
  return /[a-z]/.test(body) && /[A-Z]/.test(body) && (body.match(/\d/g)?.length ?? 0) > 1;
}

/** A token may begin in the middle of a word. `literal`: what all of its family begin with. */
export function mayBeginInWord(text: string, start: number, lo: number, literal: string, token: string): boolean {
  const before = text.charCodeAt(start - 1);
  // `keyAKIA…`: a change of case.
  if (before >= 97 && before <= 122 && /^[A-Z]{3}/.test(literal)) return /\d/.test(token);
  const body = token.slice(literal.length);
  if (literal.length > 3 && /[^A-Za-z0-9]/.test(literal) && (isMixed(body) || literal.length > 5)) return true;
  // One of the same family stands in front of it, without a blank.
  if (literal.length < 2) return false;
  const run = /[^\s"'`,;]*$/.exec(text.slice(Math.max(lo, start - 100), start))![0];
  return run.includes(literal) && /\d/.test(body);
}

/** Where a token of known length ends although letters follow, or -1 where it is something else. */
export function gluedEnd(text: string, stop: number, hi: number, literal: string, token: string): number {
  const body = token.slice(literal.length);
  let end = stop;
  while (end < hi && (isAlnum(text.charCodeAt(end)) || text.charCodeAt(end) === 95)) end++;
  const next = text.slice(stop, end);
  const sameAgain = literal.length > 1 && text.startsWith(literal, stop);
  const otherLetters =
    (/^[A-Z]{4}/.test(token) && /^[A-Z]+$/.test(body) && body.length > 15 && /[a-z]/.test(next)) ||
    (/\d/.test(body) &&
      ((/^[0-9a-f]+$/.test(body) && body.length > 15 && /[g-zG-Z]/.test(next)) ||
        (/^[0-9A-Z]+$/.test(body) && /[a-z]/.test(next)) ||
        (/^[0-9a-z]+$/.test(body) && body.length > 19 && /[A-Z]/.test(next))));
  if (!sameAgain && !otherLetters && !(literal.length > 2 && isMixed(body) && body.length > 15)) return -1;
  // All of it goes: what follows may be half of another one.
  return end;
}

/** Longer than its vendor says, or written on to: the rest of the word is half of a secret. Digits alone are a number of their own. */
export function wordEnd(text: string, stop: number, hi: number): number {
  let end = stop;
  let letters = false;
  for (; end < hi; end++) {
    const code = text.charCodeAt(end);
    if (isAlpha(code)) letters = true;
    else if (!isDigit(code) && code !== 95 && code !== 45) break;
  }
  return letters ? end : stop;
}

/** The next part of a token of several, behind a mark that joins them. */
const PART = /[.:|!~+/=-]([A-Za-z0-9_-]{12,200})/y;
const PARTS = 4;

/** `token.part:part`: vendors lengthen their tokens by parts, and the last of them is as secret as the first. */
export function furtherParts(text: string, stop: number, hi: number): number {
  for (let parts = 0; parts < PARTS && stop < hi; parts++) {
    PART.lastIndex = stop;
    const part = isJoint(text.charCodeAt(stop)) ? PART.exec(text)?.[1] : undefined;
    if (part === undefined || stop + 1 + part.length > hi || !(isRandom(part) || isMade(part))) break;
    stop += 1 + part.length;
  }
  return stop;
}

const isJoint = (code: number): boolean => ".:|!~+/=-".includes(String.fromCharCode(code));
