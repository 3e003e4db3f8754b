import { isHarmless, isRandom } from "../keys/value.ts";
import { RANK, type Rule } from "../engine/rule.ts";

/** What is made from letters by chance without opening anything: ids, hashes, numbers, addresses, pictures. */
const OPENS_NOTHING =
  /(?:id|uid|uuid|guid|hash|digest|sha\d{0,3}|md5|checksum|error|exception|url|uri|path|file|image|blob|buffer|date|number|integer|decimal|address|publickey|contract|regexp?|event|commit|revision|version|element|selector|color|font|locale|query|pattern|matcher)$/i;

/**
 * A random literal handed to what opens a session with a service: `new Client("…")`,
 * `Service.init("app", "…")`. No word says that it is a secret, but nothing else is handed over there.
 */
export const CALL_ARGUMENT: Rule = {
  name: "call-argument",
  type: "SECRET",
  rank: RANK.context,
  keywords: [
    "new ",
    ..."init initialize client configure setup sdk oauth login authenticate connect set_api_key search"
      .split(" ")
      .map((word) => `${word}(`),
  ],
  guard(text, _start, end) {
    if (text.charCodeAt(end - 1) === 40) return true;
    const next = text.charCodeAt(end);
    return (next >= 65 && next <= 90) || next === 92;
  },
  find(text, start, end, lo, hi) {
    let at = end;
    let called = "";
    if (text.charCodeAt(end - 1) === 40) {
      called = /[\w.]{0,48}$/.exec(text.slice(Math.max(lo, start - 48), end - 1))![0];
    } else {
      const name = /^[\\\w.]{2,80}[ ]?\(/.exec(text.slice(end, Math.min(hi, end + 84)));
      if (name === null) return null;
      called = name[0].slice(0, -1).trimEnd();
      at = end + name[0].length;
    }
    if (OPENS_NOTHING.test(called)) return null;
    let first = -1;
    let last = -1;
    for (let argument = 0; argument < 6; argument++) {
      const found = /^\s{0,40}(?:[brfu@]?(["'`])([^"'`\n\\]{0,200})["'`]|[\w.$[\]-]{1,48})\s{0,20}([,)])/.exec(
        text.slice(at, hi),
      );
      if (found === null) break;
      if (found[1] !== undefined && isKey(found[2]!)) {
        const value = at + found[0].indexOf(found[1]) + 1;
        if (first < 0) first = value;
        last = value + found[2]!.length;
      }
      at += found[0].length;
      if (found[3] === ")") break;
    }
    return first < 0 ? null : { start: first, end: last, open: false };
  },
  example: () => 'const api = new Acme("' + "aB3dE6gH9kL2".repeat(2) + '");',
};

/** Hex has to be as long as a key of 128 bits, or it is an identifier. */
function isKey(value: string): boolean {
  return (
    isRandom(value) &&
    !isHarmless(value) &&
    (value.length >= 32 || (value.length >= 20 && !/^[0-9a-fA-F]+$/.test(value)))
  );
}
