import { isHarmless, isRandom } from "../keys/value.ts";
import { RANK, type Rule } from "../engine/rule.ts";
import { isAlnum, startsWord } from "../text/characters.ts";

/** Words in front of a random value that say which stage of a service it opens. */
const STAGE = /^(?:live|test|prod|production|staging|stage|stg|sandbox|sbx|dev|preview)$/;
/** Words in front of a random value that say that it opens something. */
const OPENS = /^(?:[sr]k|pat|secret|secrets|token|apikey|apitoken|oauth|refresh|bearer)$/;
/** Keys that stand in every page. */
const PUBLIC = /^(?:pk|pub|public|publishable)$/;
const NAME = /^(?:[a-z][a-z0-9]{0,11}(?:[_-][a-z0-9]{1,10}){0,3}|[A-Z][A-Z0-9]{1,11}(?:[_-][A-Z0-9]{1,10}){0,3})$/;
/**
 * Tokens of services nobody has listed. Vendors agree on how a token looks: the service, a word for
 * its kind or stage, and a long random value, joined by `_` or `-` (`acme_live_…`, `acme_pat_…`).
 */
export const MARKED_TOKEN: Rule = {
  name: "marked-token",
  type: "API_TOKEN",
  rank: RANK.context,
  keywords: [
    ..."sk rk pat live test prod production staging sandbox secret apikey token oauth"
      .split(" ")
      .map((word) => `${word}_`),
    ..."sk pat live test prod secret apikey token".split(" ").map((word) => `${word}-`),
  ],
  guard(text, _start, end) {
    // Three looks refuse nearly every name of code.
    if (!isBodyChar(text.charCodeAt(end + 19)) || !isBodyChar(text.charCodeAt(end + 9))) return false;
    let digits = 0;
    for (let at = end; at < end + 20; at++) {
      const code = text.charCodeAt(at);
      if (!isBodyChar(code)) return false;
      if (code <= 57 && code >= 48) digits++;
    }
    return digits > 1;
  },
  find(text, _start, end, lo, hi) {
    let from = end - 1;
    while (from > lo && end - from <= 36 && isBodyChar(text.charCodeAt(from - 1))) from--;
    const name = text.slice(from, end - 1);
    if (!NAME.test(name) || !startsWord(text, from, lo)) return null;
    let to = end;
    while (to < hi && isBodyChar(text.charCodeAt(to))) to++;
    const body = text.slice(end, to);
    if (!isRandom(body) || isHarmless(body) || !opens(name.toLowerCase().split(/[_-]/), body, text[end - 1] === "_"))
      return null;
    return { start: from, end: to, open: to >= hi };
  },
  // Its value is judged three times over.
  price: () => 2,
  tail: isBodyChar,
  example: () => "acme_live_" + "aB3dE6gH9".repeat(3) + " was refused",
};

function opens(words: readonly string[], body: string, joined: boolean): boolean {
  if (words.some((word) => PUBLIC.test(word))) return false;
  const last = words.at(-1)!;
  const mixed = /[a-z]/.test(body) && /[A-Z]/.test(body) && /\d/.test(body);
  const isHash = /^[0-9a-f]+$/.test(body);
  if (mixed && (STAGE.test(last) || words.some((word) => OPENS.test(word)))) return true;
  // Databases and folders of a test run end in a hash.
  if (joined && !isHash && words.some((word) => OPENS.test(word))) return true;
  if (joined && !isHash && words.length > 1 && STAGE.test(last)) return true;
  return joined && isHash && words.length > 1 && STAGE.test(last) && OPENS.test(words.at(-2)!);
}

function isBodyChar(code: number): boolean {
  return isAlnum(code) || code === 95 || code === 45;
}
