import { isHarmless, isRandom } from "../keys/value.ts";
import { RANK, type Rule } from "../engine/rule.ts";

/** Secrets that no name stands next to: in dumps of values, in front of what takes them, in rows of words. */
export const NAMELESS: readonly Rule[] = [
  {
    // Go prints a structure as its values alone: `&{bob Sw0rdfish! db 5432}`.
    name: "struct-dump",
    type: "SECRET",
    rank: RANK.context,
    keywords: ["&{"],
    find(text, _start, end, _lo, hi) {
      const dump = /^[^{}\n"=]{3,300}(?=[{}])/.exec(text.slice(end, hi));
      if (dump === null || dump[0].includes(": ")) return null;
      const found: { start: number; end: number }[] = [];
      let at = end;
      for (const word of dump[0].split(" ")) {
        if (isTyped(word)) found.push({ start: at, end: at + word.length });
        at += word.length + 1;
      }
      const [first, ...more] = found;
      return first === undefined ? null : { ...first, open: false, more };
    },
    example: () => "dial &{bob " + "hunter2!A" + " db.internal 5432}",
  },
  {
    name: "piped-secure-string",
    type: "PASSWORD",
    rank: RANK.context,
    keywords: ["convertto-securestring"],
    find(text, start, _end, lo) {
      const before = /(["'])([^"'\r\n]{1,100})\1[ \t]{0,3}\|[ \t]{0,3}$/.exec(text.slice(lo, start));
      if (before === null || isHarmless(before[2]!) || before[2]!.startsWith("$")) return null;
      const from = lo + before.index + 1;
      return { start: from, end: from + before[2]!.length, open: false };
    },
    example: () => '"' + 'hunter2" | ConvertTo-SecureString -AsPlainText -Force',
  },
  {
    // BIP39: 12 to 24 words of three to eight letters, said to be a phrase.
    name: "seed-phrase",
    type: "PASSWORD",
    rank: RANK.context,
    keywords: ["phrase", "wallet", "seed", "recovery", "mnemonic", "bip39", "backup words"],
    find(text, _start, end, _lo, hi) {
      const match =
        /^[\w -]{0,24}?["']?(?:[ \t]{0,3}(?:[:=]|is|are|->|=>)\s{0,4}["'[(]{0,2}|\s{1,4}["'])((?:[a-z]{3,8}(?:[ \t]{1,2}|["']?,\s{0,2}["']?)){11,23}[a-z]{3,8})(?![\w-])/.exec(
          text.slice(end, Math.min(hi, end + 320)),
        );
      if (match === null) return null;
      const words = match[1]!.split(/[^a-z]+/);
      // Sentences hold words that the list of BIP39 does not.
      if (![12, 15, 18, 21, 24].includes(words.length) || words.some((word) => SENTENCE.has(word))) return null;
      const stop = end + match[0].length;
      return { start: stop - match[1]!.length, end: stop, open: false };
    },
    example: () =>
      "wallet phrase: " +
      "legal winner thank year wave sausage worth useful ".repeat(2).split(" ").slice(0, 12).join(" "),
  },
];

const SENTENCE = new Set(
  "the and for with from are was not you have has had its but all any our his she him how who were been their them than your would could should does did which because please must may might being those these".split(
    " ",
  ),
);

/** Letters, digits and a mark of a keyboard, or made by chance; no address, time, path or pointer. */
function isTyped(word: string): boolean {
  if (word.length < 8 || word.length > 128 || /[:/\\[\]<>]|^0x|^\d|@.*\.|%/.test(word)) return false;
  if (/^[0-9a-f-]+$/i.test(word)) return false;
  return (
    (/\d/.test(word) && /[A-Za-z]/.test(word) && /[!@#$^&*+?~]/.test(word)) || (isRandom(word) && /[A-Z]/.test(word))
  );
}
