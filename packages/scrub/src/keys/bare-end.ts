import { isEastAsian } from "./foreign-key.ts";
import { isRandom } from "./value.ts";

/** What opens the next name of a query, a form or a line of settings: `name=`, `amp;name=`, `name[0]=`. */
const NEXT_NAME = /^(?:amp;)?[A-Za-z_$][\w.$%[\]-]{0,60}(?:=|%3[Dd])/;
/** A statement, a command, a tag or a bracket stands there, and no more of the value. */
const SOMETHING_ELSE =
  /^(?:[\s"'`)\]}&|;<>,/]|$|(?:br|p|div|span|b|i|u|a|li|ul|ol|td|th|tr|table|tbody|strong|em|code|pre|small|font|hr|h[1-6])\s?\/?>|[A-Za-z][A-Za-z:-]{0,20}\s?\/?>(?:[\s<"'`]|$)|!--|[A-Za-z_$][\w.$-]{0,60}[=:(])/;
/** What somebody typed to be hard to guess goes on; a word does not. */
const TYPED = /\d|[a-z][A-Z]|[!@#$%^*+~?]/;

/**
 * Where a value without quotes ends. Shells, queries and settings end it at other marks, and a
 * password may hold every one of them: a mark ends the value only when what stands behind it begins
 * something else. Otherwise half of a password would stay.
 */
export function bareEnd(text: string, at: number, hi: number, isPassword: boolean, lo: number): number {
  let to = at;
  for (; to < hi; to++) {
    const code = text.charCodeAt(to);
    if (code <= 32) break;
    if (code === 34 || code === 39 || code === 96) {
      if (to > at && isPassword && isTypedQuote(text, at, to, hi, lo)) continue;
      break;
    }
    if (code === 38 || code === 59 || code === 60 || code === 62 || code === 124) {
      if (to > at && goesOn(text, to, hi, isPassword)) continue;
      break;
    }
    if (code === 92 && to + 1 < hi && "\"'nrt\n\r".includes(text[to + 1]!)) break;
    if (to > at && isEastAsian(code)) break;
    if (code === 41 && /^:(?:\s|$)/.test(text.slice(to + 1, Math.min(hi, to + 3)))) break;
    if ((code === 41 || code === 93 || code === 125) && endsHere(text, to + 1, hi)) break;
    if (
      code === 44 &&
      (endsHere(text, to + 1, hi) || /^,["']?[\w.-]{1,40}["']?[=:]/.test(text.slice(to, Math.min(hi, to + 48))))
    )
      break;
  }
  return to;
}

/** The mark at `to` belongs to the value. */
function goesOn(text: string, to: number, hi: number, isPassword: boolean): boolean {
  const rest = text.slice(to + 1, Math.min(hi, to + 72));
  if (NEXT_NAME.test(rest)) return false;
  const code = text.charCodeAt(to);
  // Nothing but the next name of a query stands behind `&`, or a command behind a blank.
  if (code === 38) return /^[^\s"'`&|;<>()[\]{},\\]/.test(rest) && !/^(?:amp|lt|gt|quot|#\d+);/.test(rest);
  // The second part of a key, which no command is called.
  if (code === 124 && !isPassword) return isRandom(/^[^\s"'`]*/.exec(rest)![0]);
  return isPassword && !SOMETHING_ELSE.test(rest) && TYPED.test(/^[^\s"'`]*/.exec(rest)![0]);
}

/** `it's&9`, `a"b"c`: a quote between two characters of the value, which no quote in front of the key opened. */
function isTypedQuote(text: string, at: number, to: number, hi: number, lo: number): boolean {
  const next = to + 1 < hi ? text.charCodeAt(to + 1) : 32;
  const isInside = next > 32 && !"\"'`,;:)]}<>|&+.\\=".includes(text[to + 1]!);
  if (!isInside || text.charCodeAt(to - 1) === 92) return false;
  const quote = text.charCodeAt(to);
  for (let i = at - 1; i >= lo && text.charCodeAt(i) !== 10; i--) if (text.charCodeAt(i) === quote) return false;
  const whole = text.slice(at, Math.min(hi, to + 64));
  return TYPED.test(/^\S*/.exec(whole)![0]);
}

export function endsHere(text: string, at: number, hi: number): boolean {
  if (at >= hi) return true;
  const code = text.charCodeAt(at);
  return (
    code <= 32 ||
    code === 34 ||
    code === 39 ||
    code === 96 ||
    code === 41 ||
    code === 93 ||
    code === 125 ||
    code === 59 ||
    code === 44 ||
    code === 46
  );
}
