import { passesLuhn } from "./check-digits.ts";
import { RANK, type Rule, type Span } from "../engine/rule.ts";
import { isAlnum, isDigit, isHex, startsWord } from "../text/characters.ts";
import { SERVICE_ACCOUNTS } from "./service-accounts.ts";

const CARD_WORDS = /card|pan|cc|visa|master|amex|credit|debit|payment|pay|account|number|charge/i;
const BEHIND_CARD_WORD = new RegExp(`(?:${CARD_WORDS.source})[^\\n]{0,40}$`, "i");

/** Personal numbers and names of accounts: each is checked by its own arithmetic or context, never by shape alone. */
export const PERSONAL_NUMBERS: readonly Rule[] = [
  {
    name: "mac-address",
    type: "MAC",
    rank: RANK.personal,
    keywords: [...[..."0abcdef"].map((digit) => `${digit}:`), "0-"],
    guard: (text, start, end) =>
      text.charCodeAt(end + 2) === text.charCodeAt(end - 1) &&
      text.charCodeAt(end + 5) === text.charCodeAt(end - 1) &&
      text.charCodeAt(end + 8) === text.charCodeAt(end - 1) &&
      isHex(text.charCodeAt(start - 1)),
    find: findMac,
    example: () => "link/ether 52:54:00" + ":1a:2b:3c brd ff:ff:ff:ff:ff:ff",
  },
  {
    name: "card-number",
    type: "CARD",
    rank: RANK.personal,
    keywords: ["0000 0000", "0000-0000", "0000000000000"],
    context: /card|visa|amex|credit|debit|payment|account|number|charge|(?:^|[^a-z])(?:pan|cc|pay|master)(?:$|[^a-z])/i,
    find: findCard,
    example: () => "charged card 4111 1111" + " 1111 1111 twice",
  },
  {
    name: "card-code",
    type: "CARD",
    rank: RANK.personal,
    keywords: ["cvv", "cvc", "cvv2", "cvc2", "security_code", "securitycode", "security code"],
    find(text, start, end, lo, hi) {
      if (!startsWord(text, start, lo) && !/[a-z][A-Z]|_./.test(text.slice(start - 1, start + 1))) return null;
      const match = /^\\{0,31}["']?[ \t]{0,3}[:=][ \t]{0,3}\\{0,31}["']?(\d{3,4})(?![\w.])/.exec(
        text.slice(end, Math.min(hi, end + 80)),
      );
      if (match === null) return null;
      const stop = end + match[0].length;
      return { start: stop - match[1]!.length, end: stop, open: false };
    },
    example: () => "cvv: " + "417 of the card",
  },
  {
    name: "iban",
    type: "IBAN",
    rank: RANK.personal,
    // Every country's number holds two groups of digits, or ten in a row; the country stands in front of them.
    keywords: ["0000 0000", "0000000000"],
    find(text, start, _end, lo, hi) {
      if (start > lo && isDigit(text.charCodeAt(start - 1))) return null;
      for (let from = start; from >= Math.max(lo, start - 24); from--) {
        if (
          !isCapital(text.charCodeAt(from)) ||
          !isCapital(text.charCodeAt(from + 1)) ||
          !isDigit(text.charCodeAt(from + 2))
        )
          continue;
        const span = ibanAt(text, from, lo, hi);
        if (span !== null && span.end > start) return span;
      }
      return null;
    },
    example: () => "IBAN DE89 3704 0044" + " 0532 0130 00 given",
  },
  {
    name: "us-ssn",
    type: "SSN",
    rank: RANK.personal,
    keywords: ["ssn", "social security"],
    find(text, start, end, lo, hi) {
      if (!startsWord(text, start, lo)) return null;
      const match = /^[^\d\n]{0,32}?(\d{3})([- .]?)(\d{2})\2(\d{4})(?!\d)/.exec(
        text.slice(end, Math.min(hi, end + 64)),
      );
      // Areas 000, 666 and 900 on, group 00 and serial 0000 were never given out (ssa.gov).
      if (match === null || /^(?:000|666|9)/.test(match[1]!) || match[3] === "00" || match[4] === "0000") return null;
      const length = match[1]!.length + match[2]!.length * 2 + 6;
      return { start: end + match[0].length - length, end: end + match[0].length, open: false };
    },
    example: () => "SSN: 219" + "-09-9999 on file",
  },
  {
    name: "account-name",
    type: "USER",
    rank: RANK.personal,
    keywords: ["user=", "logname=", "username=", "sudo_user=", "user for ", "/u:", "whoami: "],
    guard: (text, _start, end) =>
      isAlnum(text.charCodeAt(end)) || text.charCodeAt(end) === 34 || text.charCodeAt(end) === 39,
    find(text, start, end, lo, hi) {
      // The environment's own names are in capitals; `user=` in a query is a value of the program.
      const word = text.slice(start, end);
      if (!startsWord(text, start, lo) && text.charCodeAt(start - 1) !== 95) return null;
      if (!/^(?:USER|LOGNAME|USERNAME|SUDO_USER)=$/.test(word)) return null;
      const match = /^["']?([A-Za-z][\w.-]{0,31})/.exec(text.slice(end, Math.min(hi, end + 36)));
      if (match === null || SERVICE_ACCOUNTS.has(match[1]!.toLowerCase())) return null;
      const stop = end + match[0].length;
      return { start: stop - match[1]!.length, end: stop, open: false };
    },
    example: () => "LOGNAME=" + "jdoe SHELL=/bin/bash",
  },
  {
    name: "prompt-user",
    type: "USER",
    rank: RANK.personal,
    keywords: ["@"],
    guard: (text, _start, end) => isAlnum(text.charCodeAt(end)) && text.charCodeAt(end + 1) !== 64,
    find(text, start, end, lo, hi) {
      // `jane@web-1:~$`, `ssh jane@web-1`, `scp x jane@web-1:`; an address with a dot is e-mail's business.
      let from = start;
      while (from > lo && start - from < 32 && /[\w.-]/.test(text[from - 1]!)) from--;
      const name = text.slice(from, start);
      if (!/^[a-z_][\w.-]{0,31}$/i.test(name) || SERVICE_ACCOUNTS.has(name.toLowerCase())) return null;
      const rest = text.slice(end, Math.min(hi, end + 80));
      const host = /^[A-Za-z0-9][\w.-]{0,62}/.exec(rest);
      if (host === null) return null;
      const isPrompt =
        /^(?::[~/][^\s$#]{0,60})?[$#](?:\s|$)/.test(rest.slice(host[0].length)) ||
        /^ [~/][^\s$#\]]{0,60}\][$#]/.test(rest.slice(host[0].length));
      const before = isPrompt ? "" : text.slice(Math.max(lo, from - 72), from);
      const isRemote =
        /s(?:sh|cp|ftp)|rsync|mosh/.test(before) &&
        /(?:^|\s)(?:ssh|scp|sftp|rsync|mosh|ssh-copy-id)\s(?:[^\n|;&]{0,60}\s)?$/.test(before);
      return isPrompt || isRemote ? { start: from, end: start, open: false } : null;
    },
    example: () => "jane" + "@web-1:~/app$ make",
  },
];

/** Issuer ranges (ISO/IEC 7812, the networks' public tables) with their lengths, then Luhn. */
const ISSUERS: readonly [RegExp, readonly number[]][] = [
  [/^4/, [13, 16, 19]],
  [/^5[1-5]|^2(?:2(?:2[1-9]|[3-9])|[3-6]|7[01]|720)/, [16]],
  [/^3[47]/, [15]],
  [/^3(?:0[0-5]|[68])/, [14, 16]],
  [/^6(?:011|4[4-9]|5)/, [16, 19]],
  [/^35(?:2[89]|[3-8])/, [16]],
  [/^62/, [16, 17, 18, 19]],
  [/^(?:5[0678]|6[0-9])/, [16, 17, 18, 19]],
];

/** Groups of four, also over the end of a line, groups of Amex, or one run. */
const CARD =
  /^\d{4}([ -]?)(?:\d{4}(?:\1?\r?\n[ \t>|]{0,8}|\1)\d{4}(?:\1?\r?\n[ \t>|]{0,8}|\1)\d{1,4}(?:\1\d{1,3})?|\d{6}\1\d{4,5}|\d{9,15})(?![\w-]|[.:]\d)/;

function findCard(text: string, start: number, _end: number, lo: number, hi: number): Span | null {
  if (start > lo && (isAlnum(text.charCodeAt(start - 1)) || "_.-+/#:".includes(text[start - 1]!)))
    // In JSON a number stands right behind the colon of its key.
    if (text[start - 1] !== ":" || start - 2 < lo || text[start - 2] !== '"') return null;
  if (start - 2 >= lo && text[start - 1] === " " && isDigit(text.charCodeAt(start - 2))) return null;
  const match = CARD.exec(text.slice(start, Math.min(hi, start + 56)));
  if (match === null) return null;
  const digits = match[0].replace(/\D/g, "");
  if (
    /^(\d)\1+$/.test(digits) ||
    !ISSUERS.some(([range, lengths]) => range.test(digits) && lengths.includes(digits.length))
  )
    return null;
  if (!passesLuhn(digits)) return null;
  // One in ten numbers passes by chance: a bare one needs a word in front that speaks of cards.
  if (match[1] === "" && !BEHIND_CARD_WORD.test(text.slice(Math.max(lo, start - 64), start))) return null;
  return { start, end: start + match[0].length, open: false };
}

function findMac(text: string, start: number, end: number, lo: number, hi: number): Span | null {
  const mark = text[end - 1]!;
  let from = start - 1;
  while (
    from - 3 >= lo &&
    text[from - 1] === mark &&
    isHex(text.charCodeAt(from - 2)) &&
    isHex(text.charCodeAt(from - 3)) &&
    start - from < 18
  )
    from -= 3;
  if (from < lo || !startsWord(text, from, lo) || (from > lo && text[from - 1] === mark)) return null;
  const match = /^[0-9a-f]{2}(?:(?:[:][0-9a-f]{2}){5}|(?:-[0-9a-f]{2}){5})(?![\w:-])/i.exec(
    text.slice(from, Math.min(hi, from + 19)),
  );
  if (match === null || /^(?:00.){5}00|^(?:ff.){5}ff/i.test(match[0])) return null;
  return { start: from, end: from + match[0].length, open: false };
}

function isCapital(code: number): boolean {
  return code >= 65 && code <= 90;
}

/** SWIFT's IBAN registry: length by country. */
const IBAN_LENGTHS: ReadonlyMap<string, number> = new Map(
  "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
    .split(" ")
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

function ibanAt(text: string, start: number, lo: number, hi: number): Span | null {
  if (!startsWord(text, start, lo)) return null;
  const length = IBAN_LENGTHS.get(text.slice(start, start + 2));
  if (length === undefined) return null;
  let compact = "";
  let at = start;
  for (; at < hi && compact.length < length; at++) {
    const code = text.charCodeAt(at);
    if (code === 32 && compact.length % 4 === 0 && text.charCodeAt(at - 1) !== 32) continue;
    if (!isDigit(code) && !(code >= 65 && code <= 90)) return null;
    compact += text[at]!;
  }
  if (compact.length < length || (at < hi && isAlnum(text.charCodeAt(at)))) return null;
  let rest = 0;
  for (const char of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(char, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1 ? { start, end: at, open: false } : null;
}
