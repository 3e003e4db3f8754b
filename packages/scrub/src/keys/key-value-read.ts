import { bareEnd } from "./bare-end.ts";
import { isForeignText, isParticle } from "./foreign-key.ts";
import { afterBreak, joinedEnd, wrappedEnd } from "../disguise/wrapped.ts";
import { classifyKey, type SecretKey } from "./secret-key.ts";
import {
  isCode,
  isHarmless,
  isLabel,
  isMade,
  isName,
  isNoSecret,
  isOrdinary,
  isRandom,
  isSentence,
  looksSecret,
} from "./value.ts";

/** Strokes in front of a quote in a text that stands in five others: JSON in a string of JSON doubles them, and one more. */
export const MOST_STROKES = 31;

export type Found = { start: number; end: number; open: boolean };

export function untilSpace(text: string, start: number, hi: number): Found {
  let end = start;
  while (end < hi && text.charCodeAt(end) > 32 && !"()'\",;<>|".includes(text[end]!)) end++;
  return { start, end, open: end >= hi };
}

export function quotedValue(
  text: string,
  at: number,
  hi: number,
  key: SecretKey,
  separator: string | null,
  name = "",
): Found | null {
  let open = at;
  // A list around one value, or Python's brackets around its halves: `"authorization": ["Bearer …"]`.
  if ((text.charCodeAt(open) === 91 && separator !== ",") || (text.charCodeAt(open) === 40 && separator === "=")) {
    open = skipSpace(text, open + 1, hi);
    open += /^(?:\r?\n[ \t]{0,40}(?=["'`]))?/.exec(text.slice(open, Math.min(hi, open + 48)))![0].length;
  }
  // Python's b"", r"", f"", C#'s @"", C's L"" and Go's raw strings.
  if (open + 1 < hi && "brfuBRFULN@".includes(text[open]!) && isQuote(text.charCodeAt(open + 1))) open++;
  let slashes = 0;
  while (open < hi && text.charCodeAt(open) === 92 && slashes < MOST_STROKES) {
    slashes++;
    open++;
  }
  if (open >= hi || !isQuote(text.charCodeAt(open))) return null;
  const quote = text.charCodeAt(open);
  let from = open + 1;
  // """triple""" quotes.
  if (slashes === 0 && from + 1 < hi && text.charCodeAt(from) === quote && text.charCodeAt(from + 1) === quote)
    from += 2;
  let to = from;
  for (; to < hi; to++) {
    const code = text.charCodeAt(to);
    if (code === 10 || code === 13) break;
    if (code !== quote) continue;
    let escapes = 0;
    while (to - escapes - 1 >= from && text.charCodeAt(to - escapes - 1) === 92) escapes++;
    if (slashes === 0 ? escapes % 2 === 0 : escapes >= slashes) {
      if (slashes > 0) to -= escapes;
      break;
    }
  }
  if (separator === ",") {
    // Only a pair: more elements would make it a list of names.
    const rest = text.slice(to, Math.min(hi, to + 80));
    if (!/^[\\"'`]{1,8}(?:>>)?(?:\s?|\r?\n[ \t]{0,60})[)\]}]/.test(rest)) return null;
    // A list of names, each on its line.
    if (rest.includes("\n") && /^[A-Za-z_ .-]*$/.test(text.slice(from, to))) return null;
  }
  // A line end that is typed after it: `send "…\r"`.
  const value = text.slice(from, to).replace(/(?:\\[rnt]){1,4}$/, "");
  if (separator === " " && value.startsWith("-")) return null;
  if (!key.strong && !/[A-Za-z0-9]/.test(value)) return null;
  if (isOrdinary(value, key, name)) return null;
  // `f"prefix_{name}"`, `"{}:{}".format(…)`: only what stands around the places counts.
  if ((/f/i.test(text[open - 1] ?? "") || text.startsWith(".format(", to + 1)) && /\{[^{}]{0,120}\}/.test(value))
    if (!/\d/.test(value.replace(/\{[^{}]{0,120}\}/g, ""))) return null;
  if (separator === "," && !key.strong && /^[a-z_-]+$/.test(value)) return null;
  if (key.isPhrase === true && value.split(/\s+/).length < 12 && !isRandom(value)) return null;
  if (isNoSecret(value, key) || isLabel(value) || isForeignText(value)) return null;
  // A command's output in the shell, and the end of a call around a prompt.
  if ((quote === 96 && /^[\w./-]{1,40} /.test(value)) || /^[\s()[\]{};,]+$/.test(value)) return null;
  // Words with a number among them are a password somebody chose; other words are a message.
  if (separator === "(" && /\s/.test(value) && !(key.isPassword && PHRASE.test(value))) return null;
  if (key.needsRandom === true && !isRandom(value)) return null;
  if (key.type === "COOKIE" && !value.includes("=") && /^[\w-]{0,12}$/.test(value) && !/\d/.test(value)) return null;
  // `PASSWORD_FIELD = "user_password"` names a key.
  if (/^[A-Za-z](?:[A-Za-z_-]{1,20} ?){1,3}$/.test(value) && separator !== null && classifyKey(value) !== null)
    return null;
  if (!key.strong && /^[a-z]{1,11}$/i.test(value) && !/[a-z][A-Z]/.test(value)) return null;
  const joined = separator === "," ? to : joinedEnd(text, to, hi);
  const end = joined < hi && isBreak(text, joined, hi) ? wrappedEnd(text, from, joined, hi) : joined;
  return { start: from, end, open: to >= hi };
}

const PHRASE = /^(?=.*\d)[^\s.,:!?]{1,24}(?: [^\s.,:!?]{1,24}){1,4}$/;

/** The further values of `passwords: ["…", "…"]`. */
export function listed(text: string, from: number, hi: number, key: SecretKey): { start: number; end: number }[] {
  const next =
    /[\\]{0,3}(["'`]),\s{0,40}(?:(?:#|\/\/)[^\n]{0,80}\n\s{0,40})?[\\]{0,3}\1([^"'`\\\n]{1,256})(?=[\\]{0,3}\1)/y;
  const found: { start: number; end: number }[] = [];
  const window = text.slice(from, hi);
  for (let match = next.exec(window); match !== null; match = next.exec(window)) {
    const value = match[2]!;
    const end = from + next.lastIndex;
    if (
      isNoSecret(value, key) ||
      isLabel(value) ||
      isForeignText(value) ||
      (!/\d/.test(value) && classifyKey(value) !== null)
    )
      continue;
    if (key.strong || isRandom(value) || isMade(value)) found.push({ start: end - value.length, end });
  }
  return found;
}

/** The further lines of a YAML list under such a key. */
export function listedLines(text: string, from: number, hi: number, key: SecretKey): { start: number; end: number }[] {
  const next = /["']?[ \t]{0,8}\r?\n[ \t]{0,40}- (["']?)([^"'\s:]{1,128})(?=\1[ \t]{0,4}(?:\r?\n|$))/y;
  const found: { start: number; end: number }[] = [];
  const window = text.slice(from, hi);
  for (let match = next.exec(window); match !== null; match = next.exec(window)) {
    const end = from + next.lastIndex;
    if (end >= hi && hi < text.length) break;
    if (isNoSecret(match[2]!, key) || !(key.strong || isRandom(match[2]!))) continue;
    found.push({ start: end - match[2]!.length, end });
  }
  return found;
}

export function bareValue(
  text: string,
  at: number,
  hi: number,
  key: SecretKey,
  separator: string | null,
  tight: boolean,
  lo: number,
): Found | null {
  if (separator === "=" && tight && text.charCodeAt(at) === 123) {
    // ODBC and JDBC put what holds a semicolon in braces.
    const braced = /^\{([^{}\r\n"']{3,128})\}(?=[;"])/.exec(text.slice(at, Math.min(hi, at + 140)));
    if (braced !== null && /^[\w.]+(?:![rsa])?(?::.{0,20})?$/.test(braced[1]!) && text[at + braced[0].length] !== ";")
      return null;
    if (braced !== null && !isNoSecret(braced[1]!, key) && !isCode(braced[1]!, true, 125))
      return { start: at + 1, end: at + 1 + braced[1]!.length, open: false };
  }
  if (separator === ":" || separator === "=") {
    const header = headerValue(text, at, hi, key);
    if (header !== undefined) return header;
  }
  if (key.isPhrase === true) {
    const phrase = /^(?:[a-z]{3,8}[ \t]{1,2}){11,23}[a-z]{3,8}(?![A-Za-z])/.exec(text.slice(at, hi));
    return phrase === null ? null : { start: at, end: at + phrase[0].length, open: false };
  }
  const words = separator === "=" && tight && key.isPassword ? wordsOfSetting(text, at, lo, hi) : null;
  if (words !== null) return words;
  const to = bareEnd(text, at, hi, key.isPassword, lo);
  let end = to;
  while (end > at && (text.charCodeAt(end - 1) === 46 || text.charCodeAt(end - 1) === 44)) end--;
  const value = text.slice(at, end);
  if (separator === " " && value.startsWith("-")) return null;
  // `Same as --pass but for proxies`: a page about the flag goes on.
  if (separator === null && ABOUT_FLAG.test(value)) return null;
  // What escapes the quote of a value that was looked at before.
  if (/^\\+$/.test(value) && isQuote(text.charCodeAt(to + 1))) return null;
  if (isNoSecret(value, key) || isCode(value, tight, text.charCodeAt(to)) || isForeignText(value)) return null;
  if (separator !== null && isParticle(separator) && (/^[\d~-]+$|^[A-Za-z]+$/.test(value) || !/^[!-~]/.test(value)))
    return null;
  if (isOpening(text, at, to, separator)) return null;
  if (separator === ":" && !tight && isSentence(value, text, to, hi)) return null;
  // `const pass = expected === actual`
  if (
    separator === "=" &&
    !tight &&
    /^[A-Za-z_$][\w$.]{0,80}$/.test(value) &&
    /^[ \t](?:[=!]==?|&&|\|\||\?\?|[+*/?<>-])[ \t]/.test(text.slice(to, Math.min(hi, to + 6)))
  )
    return null;
  // `password.ts:12:5`
  if (tight && /^\d{1,6}:\d{1,6}$/.test(value)) return null;
  if (/^(?:\$\{|\$\(|\{\{|<%|#\{|%\{)/.test(value)) return null;
  if (key.needsRandom === true && !isRandom(value) && !isRandom(value.replace(ESCAPED, "-"))) return null;
  if (
    !key.strong &&
    ((!looksSecret(value, separator, tight) && !isShortSecret(value, key, separator, tight)) || isName(value))
  )
    return null;
  if (key.strong && separator === null && value.startsWith("-")) return null;
  // `--load-cookies=FILE`, `--private-key=KEYTYPE`: a page about the flag.
  if (
    separator === "=" &&
    /^(?:FILE|PATH|DIR|STRING|STR|NAME|ARG|VALUE|TEXT|TYPE|NUM|NUMBER|URL|LIST|MODE|WHEN)$/.test(value)
  )
    return null;
  // Programs number their own sessions.
  if (key.type === "SESSION" && !tight && /^\d{1,12}(?:_\d{1,12})*$/.test(value)) return null;
  // Three digits count something: tests that pass, attempts.
  if (/^\d{1,3}(?:[-~–]\d{1,3})?$/.test(value) || (!key.isPassword && /^\d{1,5}$/.test(value))) return null;
  if (to < hi && isBreak(text, to, hi) && value.length >= 16 && isRandom(value))
    end = Math.max(end, wrappedEnd(text, at, to, hi));
  return { start: at, end: to >= hi ? to : end, open: to >= hi };
}

/** A mark of the value, as an address writes it. */
const ESCAPED = /%[0-9A-Fa-f]{2}/g;

const ABOUT_FLAG =
  /^(?:but|is|are|was|and|or|also|to|with|without|for|in|on|if|as|can|will|must|may|has|have|when|which|should|from|of|then|option|flag|argument|parameter|switch|instead|used|set|given|specified|added|see|not|the|this)$/i;

/** What stands in front of a setting whose value may hold blanks, and where that ends. */
const WORDS = String.raw`[^\s,;"'\x60=<>()[\]{}]{1,40}(?: [^\s,;"'\x60=<>()[\]{}]{1,40}){1,6}`;
const SETTINGS: readonly (readonly [before: RegExp, words: RegExp])[] = [
  [/[\w }];[ ]?[A-Za-z ]{2,20}=$/, new RegExp(`^${WORDS}(?=[;"'])`)],
  [/(["'`])[A-Za-z_][\w.-]{1,40}=$/, new RegExp(`^${WORDS}(?=["'\`])`)],
  [/(?:[([{]|[\w\])}]["']?, )[A-Za-z_]\w{1,40}=$/, new RegExp(`^${WORDS}(?=, [A-Za-z_]\\w{0,40}=|[)\\]}])`)],
];

/** `;Password=three little words 7;`, `"PASSWORD=three little words 7"`, `(password=three little words 7, port=1)`. */
function wordsOfSetting(text: string, at: number, lo: number, hi: number): Found | null {
  const blank = text.slice(at, Math.min(hi, at + 41)).indexOf(" ");
  if (blank < 1) return null;
  const before = text.slice(Math.max(lo, at - 48), at);
  for (const [opening, words] of SETTINGS) {
    const quote = opening.exec(before);
    const found = quote === null ? null : words.exec(text.slice(at, Math.min(hi, at + 260)));
    if (found === null || !/\d/.test(found[0]) || isLabel(found[0])) continue;
    if (quote![1] !== undefined && text[at + found[0].length] !== quote![1]) continue;
    return { start: at, end: at + found[0].length, open: false };
  }
  return null;
}

/** `secret=98q&…`: as short as nobody's name for anything. */
function isShortSecret(value: string, key: SecretKey, separator: string | null, tight: boolean): boolean {
  return key.mayBeWord === true && tight && separator === "=" && /^(?=.*\d)(?=.*[A-Za-z])\w{3}$/.test(value);
}

/** What stands here only begins something else: `f"{pw}"`, `$config->get(…)`, `${PASSWORD:?missing}`, `<pass>@host`. */
function isOpening(text: string, at: number, to: number, separator: string | null): boolean {
  const value = text.slice(at, to);
  const next = text.charCodeAt(to);
  if (/^[brfuBRFUL@]{1,2}$/.test(value) && isQuote(next)) return true;
  if (/^\$\w{1,40}-$/.test(value) && next === 62) return true;
  if (separator === ">") return value.startsWith("@") || (next > 32 && next !== 60);
  return separator === ":" && value.startsWith("?") && (next === 125 || value.endsWith("}"));
}

function isBreak(text: string, at: number, hi: number): boolean {
  return afterBreak(text, at, hi) >= 0;
}

/** Undefined: not a header's value. Null: a header's value, but nothing secret in it. */
function headerValue(text: string, at: number, hi: number, key: SecretKey): Found | null | undefined {
  if (key.type === "COOKIE") {
    const window = text.slice(at, hi);
    if (!/^[^=;\s"'`()]{1,80}=[^=>]/.test(window)) return undefined;
    // A cookie's value may stand in quotes of its own.
    const length = /^(?:="[^"\r\n]{0,200}"|[^\r\n"'`\\]|\\(?![rn"'`]))*/.exec(window)![0].length;
    return { start: at, end: at + length, open: length === window.length };
  }
  if (key.type !== "AUTHORIZATION") return undefined;
  const window = text.slice(at, hi);
  const scheme =
    /^(?:bearer|basic|token|apikey|api-key|negotiate|ntlm|digest|hawk|oauth|signature|splunk|dsn|ssws|key|genie[Kk]ey|bot|zoho-oauthtoken|sharedkey|AWS4-HMAC-SHA256)[ \t]{1,4}/i.exec(
      window,
    );
  if (scheme === null) return undefined;
  const wholeLine = /^(?:digest|hawk|oauth|signature|aws)/i.test(scheme[0]);
  const rest = window.slice(scheme[0].length);
  const length = wholeLine ? rest.search(/[\r\n]|\\[rn]/) : rest.search(/[\s"'`,;<>]|\\[rn"']/);
  const start = at + scheme[0].length;
  const value = length < 0 ? rest : rest.slice(0, length);
  if (isHarmless(value) || /^[a-z]{1,15}$/.test(value)) return null;
  return length < 0 ? { start, end: hi, open: true } : { start, end: start + length, open: false };
}

export function skipSpace(text: string, at: number, hi: number): number {
  const limit = Math.min(hi, at + 8);
  while (at < limit && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at++;
  return at;
}

export function isQuote(code: number): boolean {
  return code === 34 || code === 39 || code === 96;
}
