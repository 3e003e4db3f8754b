import { isHarmless, isRandom } from "../keys/value.ts";
import { RANK, type Rule } from "../engine/rule.ts";
import { isAlnum, startsWord } from "../text/characters.ts";

/** Which keys open something: `API key provided: …`, and not the key of a map. */
const OPENS =
  /(?:^|[^A-Za-z])(?:api|access|secret|private|auth|client|licen[cs]e|signing|service|account|master|admin|app|subscription)[ _-]?$/i;
/** What is said of a token on the way to it. */
const TELLING = "provided,supplied,received,given,used,rejected,is,was,not,you".split(",");
const OPENING = ['"', "'", "`", "[", "("];

/**
 * Servers tell what they refused: `Incorrect API key provided: …`, `token is not valid: …`, `bad token "…"`.
 * What stands there must look made by chance.
 */
export const TOLD_TOKEN: Rule = {
  name: "told-token",
  type: "SECRET",
  rank: RANK.context,
  keywords: ["key", "token", "secret", "credential", "credentials"].flatMap((word) => [
    ...TELLING.map((said) => `${word} ${said}`),
    ...OPENING.map((mark) => `${word} ${mark}`),
  ]),
  find(text, start, end, lo, hi) {
    if (!startsWord(text, start, lo)) return null;
    const word = text.slice(start, end);
    const before = text.slice(Math.max(lo, start - 16), start);
    // A parser's token is a piece of its text.
    if (/unexpected $|expected $|\bunknown $/i.test(before) && /^token/i.test(word)) return null;
    if (/^key/i.test(word) && !OPENS.test(before)) return null;
    const isQuoted = !isAlnum(text.charCodeAt(end - 1));
    const behind = text.slice(end, Math.min(hi, end + 260));
    const gap = isQuoted ? "" : /^[a-z ']{0,28}(?::|=|\bis|->)? {0,2}["'`[(]{0,2}/.exec(behind)![0];
    const value = /^[A-Za-z0-9+/_=.~:|!-]{16,200}/.exec(behind.slice(gap.length))?.[0].replace(/[.:!|]+$/, "");
    // Some have parts that a colon joins.
    if (value === undefined || !isRandom(value.replaceAll(/[:|!]/g, "-")) || isHarmless(value)) return null;
    const from = end + gap.length;
    return { start: from, end: from + value.length, open: from + value.length >= hi };
  },
  example: () => "Incorrect API key provided: " + "aB3dE6gH9kL2" + "mN5pQ8rS1tU4",
};
