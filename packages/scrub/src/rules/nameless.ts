import { isHarmless, isRandom } from "../keys/value.ts";
import { startsWord } from "../text/characters.ts";
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
    // BIP39: 12 to 24 words of three to eight letters, said to be a phrase (docs/decisions/0007).
    name: "seed-phrase",
    type: "PASSWORD",
    rank: RANK.context,
    keywords: ["phrase", "wallet", "seed", "recovery", "mnemonic", "bip39", "backup words"],
    find(text, start, end, lo, hi) {
      if (!startsWord(text, start, lo) && !/[a-z][A-Z]/.test(text.slice(start - 1, start + 1))) return null;
      const match = SAID_PHRASE.exec(text.slice(end, Math.min(hi, end + 380)));
      if (match === null) return null;
      const said = match[1]!;
      // A sentence that goes on behind the phrase holds words that the list of BIP39 does not.
      const words = [...said.matchAll(/[A-Za-z]+/g)];
      const other = words.findIndex(([word]) => SENTENCE.has(word.toLowerCase()));
      const count = other < 0 ? words.length : other;
      if (![12, 15, 18, 21, 24].includes(count)) return null;
      const last = words[count - 1]!;
      const phrase = said.slice(0, last.index + last[0].length);
      if (phrase !== phrase.toLowerCase() && phrase !== phrase.toUpperCase()) return null;
      const from = end + match[0].length - said.length;
      return { start: from, end: from + phrase.length, open: false };
    },
    example: () =>
      "wallet phrase: " +
      "legal winner thank year wave sausage worth useful ".repeat(2).split(" ").slice(0, 12).join(" "),
  },
];

/** What may stand between the word that announces a phrase and its first word, and between its words: also numbers in front of each. */
const SAID_PHRASE =
  /^[\w .-]{0,24}?["']?(?:[ \t]{0,3}(?:[:=(]|is|are|->|=>)\s{0,6}["'[(]{0,2}|\s{1,4}["'([]|:?[ \t]{0,3}\r?\n\s{0,8}(?:[-*] )?)((?:(?:\d{1,2}[.):][ \t]{0,3})?["']?[A-Za-z]{3,8}(?:["']?[,;|]?\s{1,4}(?:[-*] )?|["']?,["']?|-|["']?[,;|]?\s{1,4}["'])){11,23}(?:\d{1,2}[.):][ \t]{0,3})?["']?[A-Za-z]{3,8})(?![\w-])/;

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
