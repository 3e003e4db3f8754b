import { nestedValues } from "./key-value-nested.ts";
import { FOREIGN_KEY, isForeignLetter, isForeignText, isParticle } from "./foreign-key.ts";
import { RANK, type Rule, type Span } from "../engine/rule.ts";
import { isAlnum, isDigit } from "../text/characters.ts";
import { markupValue } from "./key-value-markup.ts";
import {
  behindTag,
  behindWrapper,
  bracketValue,
  calledValue,
  fallbackValue,
  isRound,
  namedValue,
  nextLineValue,
  pairValue,
  proseValue,
  typedInto,
  typedValue,
  valueBelow,
  wordValue,
} from "./key-value-forms.ts";
import {
  bareValue,
  isQuote,
  listed,
  listedLines,
  MOST_STROKES,
  quotedValue,
  skipSpace,
  untilSpace,
  type Found,
} from "./key-value-read.ts";
import { classifyKey, classifyPair, type SecretKey } from "./secret-key.ts";
import { isLabel, isNoSecret, isRandom, isStrong, looksSecret } from "./value.ts";

/**
 * Secrets by what stands in front of them: `password=…`, `"api_key": "…"`, `Cookie: …`,
 * `?token=…`, `--password …`, `setExtra('password','…')`, `password is …`, a YAML value on the next
 * line. The key goes through the same classification as keys of objects, so text and structure agree.
 */
export const KEY_VALUE: Rule = {
  name: "key-value",
  type: "SECRET",
  rank: RANK.context,
  // "key" stands for all names that end in it; what contains another keyword needs none of its own.
  keywords:
    `password passwd passphrase passcode passwort kennwort contrase wachtwoord senha haslo parola heslo salasana jelszo sifre passord adgangskode kodeord losenord lozinka geslo zaporka parool clave pasword paasword passowrd pswrd pswd pwd pword pass pw psk p/w motdepasse mnemonic secret token tokens
    accesskey apikeys authorization auth cookie session sessid csrf xsrf credential creds signature sig sid jwt dsn connectionstring connection_string connstr
    totp otp pin cvv key salt seed_phrase verification_code verificationcode factor_code factorcode login_code logincode
    confirmation_code confirmationcode recovery_code recoverycode backup_code backupcode`
      .split(/\s+/)
      .concat(["seed phrase", "mot de passe", "kata sandi", "code="]),
  longestOnly: true,
  foreign: FOREIGN_KEY,
  // Behind short words a word of prose goes on; a key ends, or goes on with a separator or a capital.
  guard(text, start, end) {
    if (end - start > 5) return true;
    const next = text.charCodeAt(end);
    return !(next >= 97 && next <= 122);
  },
  find: findValue,
  // Behind most words of code stands what separates nothing from nothing, and the look ends there.
  price: (text, _start, end) => (endsAtOnce(text, end) ? 1 / 4 : 1),
  tail: (code) => code > 32 && code !== 34 && code !== 39 && code !== 96,
  example: () => "login failed for user bob password=" + "hunter2" + " retry=3",
};

/** A bracket that closes, or a line of a file, stands behind the word: hardly any form of a value begins so. */
function endsAtOnce(text: string, end: number): boolean {
  let at = end;
  while (at - end < 24 && isKeyChar(text.charCodeAt(at))) at++;
  if (isQuote(text.charCodeAt(at))) at++;
  const code = text.charCodeAt(at);
  return code === 41 || code === 59 || code === 93 || code === 125 || isLineOfFile(text, at);
}

/** `credential.https://host.helper`, of git's settings: what stands in front of the colon is a scheme. */
function isAddress(text: string, keyEnd: number, hi: number): boolean {
  return keyEnd + 3 <= hi && text.startsWith("://", keyEnd) && /\.https?$/.test(text.slice(keyEnd - 6, keyEnd));
}

/** `credential.test.ts:14:`, as compilers and searches print it: the name of a file is no key. */
function isLineOfFile(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== 58 || !isDigit(text.charCodeAt(at + 1))) return false;
  return /\.[a-z]{1,4}:\d{1,6}(?::|$)/.test(text.slice(Math.max(0, at - 5), at + 8));
}

function findValue(text: string, start: number, end: number, lo: number, hi: number): Span | null {
  if (hi - end <= MARKS && isMarksAlone(text, end, hi)) return null;
  let keyStart = start;
  while (keyStart > lo && start - keyStart < 48 && isKeyChar(text.charCodeAt(keyStart - 1))) keyStart--;
  let keyEnd = isKeyChar(text.charCodeAt(end - 1)) || text.charCodeAt(end - 1) > 127 ? end : end - 1;
  while (keyEnd < hi && keyEnd - end < 48 && isKeyChar(text.charCodeAt(keyEnd))) keyEnd++;

  // Separator first: most hits are words of prose and end here.
  let at = keyEnd;
  let quoted = false;
  while (at < hi && text.charCodeAt(at) === 92 && at - keyEnd < MOST_STROKES) at++;
  if (at < hi && isQuote(text.charCodeAt(at))) {
    quoted = true;
    at++;
    if (at < hi && text.charCodeAt(at) === 93) at++;
  } else if (at !== keyEnd) return null;
  else at = behindMarks(text, at, hi);
  const beforeSpace = at;
  if (isLineOfFile(text, at) || isAddress(text, keyEnd, hi)) return null;
  at = skipSpace(text, at, hi);
  const into = quoted ? typedInto(text, keyStart, keyEnd, lo, hi) : -1;
  if (into >= 0) {
    const field = classifyKey(text.slice(keyStart, keyEnd));
    const typed = field === null || !field.strong ? null : quotedValue(text, into, hi, field, "=");
    return typed === null ? null : { ...typed, type: field!.type };
  }
  const separator = separatorAt(text, at, hi);
  const isFlag = at > beforeSpace && (text.charCodeAt(keyStart) === 45 || isNameOfLisp(text, keyStart, at, lo, hi));
  if (separator === "." && text.charCodeAt(keyStart - 1) !== 40) return null;
  if (separator === null && !isFlag && !isOtherForm(text, beforeSpace, at, hi)) return null;
  if (separator !== null && isNothingBehind(text, at + separator.length, hi)) return null;
  const isNaming = separator === "," && namedValue(text, at, hi) >= 0;
  const isArgument = separator === "," && !isNaming && isFlagInList(text, keyStart, at, lo, hi);
  if (separator === "," && !isArgument && !isNaming && !isCallOrPair(text, keyStart, lo, quoted)) return null;

  let nameStart = keyStart;
  while (text.charCodeAt(nameStart) === 46 || text.charCodeAt(nameStart) === 45) nameStart++;
  const name = text.slice(Math.min(nameStart, keyEnd), keyEnd);
  let key = classifyKey(name);
  if (key === null || (name === "pass" && isRound(text, keyStart, keyEnd, lo))) return null;
  if (!quoted && !key.isPassword && separator !== null && isCount(text, at + separator.length, hi)) return null;
  if (key.needsRandom === true && text.charCodeAt(keyStart - 1) === 32)
    key = pairedKey(text, keyStart, name, lo) ?? key;
  // Many tokens are counted, or words of a language.
  if (/tokens/i.test(name)) key = { ...key, needsRandom: true };
  if (!quoted && (key.isPassword || /^cred/i.test(name))) {
    const pair = pairValue(text, keyStart, keyEnd, lo, hi);
    if (pair >= 0) return { ...untilSpace(text, pair, hi), type: key.type };
  }
  const literalsOnly = key.type !== "COOKIE" && key.type !== "AUTHORIZATION";
  if (separator === null || separator === ":") {
    const content = markupValue(text, keyStart, keyEnd, lo, hi);
    // `name="password" value="…"` has its value in the same tag.
    if (content !== null && (separator === ":" || namedValue(text, beforeSpace - (quoted ? 1 : 0), hi) < 0))
      return isContent(text, content, key) ? { ...content, type: key.type } : null;
  }
  const value = quoted && separator === ":" ? skipSpace(text, at + 1, hi) : -1;
  if (value >= 0 && text.charCodeAt(value) === 123 && key.needsRandom !== true && text.charCodeAt(at - 1) === 34) {
    const nested = nestedValues(text, value, hi, key);
    return nested === null ? null : { ...nested, type: key.type };
  }
  const form =
    literalsOnly && !quoted && (separator === ":" || separator === null) ? typedValue(text, beforeSpace, hi) : -1;
  const span =
    form >= 0
      ? quotedValue(text, form, hi, key, "=")
      : (assigned(text, at, hi, key, isArgument ? " " : separator, beforeSpace, isFlag, name, lo) ??
        elsewhere(text, keyStart, keyEnd, beforeSpace, lo, hi, key, quoted));
  if (span === null || span.end <= span.start || (!quoted && isClosing(text, span, lo))) return null;
  // A list has a bracket or a line's end between key and value.
  const between = span.start - at < 2 ? "" : text.slice(at, span.start);
  const more =
    text.charCodeAt(at + (separator?.length ?? 0)) === 91 || /\[\s{0,40}["'`]$/.test(between)
      ? listed(text, span.end, hi, key)
      : /\n[ \t]{0,40}- ["']?$/.test(between)
        ? listedLines(text, span.end, hi, key)
        : null;
  return more === null ? { ...span, type: key.type } : { ...span, type: key.type, more };
}

/** `": "`: what is left behind a key when its value went. */
const MARKS = 4;

function isMarksAlone(text: string, at: number, hi: number): boolean {
  while (at < hi && "\"'=: ".includes(text[at]!)) at++;
  return at === hi;
}

function assigned(
  text: string,
  at: number,
  hi: number,
  key: SecretKey,
  separator: string | null,
  beforeSpace: number,
  isFlag: boolean,
  name: string,
  lo: number,
): Found | null {
  if (separator === null && !isFlag) return null;
  if (separator !== null) at = skipSpace(text, behindMarks(text, at + separator.length, hi), hi);
  if (separator === "," || separator === " ") at = nextElement(text, at, hi);
  const tight = separator !== null && at === beforeSpace + separator.length;
  if (separator === ":" && !tight) at = behindTag(text, at, hi);
  if (at < 0 || at >= hi) return null;
  if (separator !== "," || text.startsWith('<<"', at)) at = behindWrapper(text, at, hi);
  return (
    quotedValue(text, at, hi, key, separator, name) ??
    (separator === "," ||
    separator === "==" ||
    separator === "<-" ||
    (separator === "->" && !isStrong(untilSpaceText(text, at, hi)))
      ? null
      : bareValue(text, at, hi, key, separator, tight, lo))
  );
}

/** `code=0`, `sig: 11`: a number too short to open anything stands alone; in crash text nearly every value is one. */
function isCount(text: string, at: number, hi: number): boolean {
  if (at < hi && text.charCodeAt(at) === 32) at++;
  let to = at;
  while (to < hi && to - at < 6 && isDigit(text.charCodeAt(to))) to++;
  if (to === at || to - at > 5 || to >= hi) return false;
  const next = text.charCodeAt(to);
  return next <= 32 || next === 41 || next === 44 || next === 59 || next === 93 || next === 125;
}

/** Each element of a list may stand on a line of its own. */
function nextElement(text: string, at: number, hi: number): number {
  const code = text.charCodeAt(at);
  if (code !== 10 && code !== 13) return at;
  const gap = /^\r?\n[ \t]{0,60}(?=\\{0,31}["'])/.exec(text.slice(at, Math.min(hi, at + 96)));
  return gap === null ? at : at + gap[0].length;
}

/** Where no operator joins key and value on one line. */
function elsewhere(
  text: string,
  keyStart: number,
  keyEnd: number,
  beforeSpace: number,
  lo: number,
  hi: number,
  key: SecretKey,
  quoted: boolean,
): Found | null {
  // What stands there says which forms it may be; most hits are words of prose.
  const first = text.charCodeAt(skipSpace(text, beforeSpace, hi));
  const isOperator = first === 58 || first === 61;
  const fallback = isOperator ? fallbackValue(text, beforeSpace, hi) : -1;
  if (fallback >= 0) return quotedValue(text, fallback, hi, key, "=");
  const called = calledValue(text, keyStart, beforeSpace, hi);
  if (called >= 0) return quotedValue(text, called, hi, key, "(");
  const named = mayNameValue(first) ? namedValue(text, beforeSpace, hi) : -1;
  if (named >= 0 && text.charCodeAt(named - 1) === 62) {
    const close = named + text.slice(named, Math.min(hi, named + 256)).indexOf("<");
    const value = text.slice(named, Math.max(named, close));
    if (/\s/.test(value))
      return isNoSecret(value, key) || isLabel(value) ? null : { start: named, end: close, open: false };
  }
  if (named >= 0) return quotedValue(text, named, hi, key, "=") ?? bareValue(text, named, hi, key, "=", false, lo);
  const next = isOperator ? nextLineValue(text, keyStart, beforeSpace, lo, hi, quoted) : null;
  if (next !== null) {
    if (next.block) return { start: next.start, end: next.end, open: next.end >= hi };
    return quotedValue(text, next.start, hi, key, ":") ?? bareValue(text, next.start, hi, key, ":", false, lo);
  }
  const inBrackets =
    key.isPassword && text.charCodeAt(keyEnd - 1) !== 46 && !text.slice(keyStart, keyEnd).includes(".")
      ? bracketValue(text, keyStart, beforeSpace, lo, hi)
      : -1;
  if (inBrackets >= 0) return untilSpace(text, inBrackets, hi);
  if (key.mayBeWord === true && /[:=]/.test(text[keyEnd] ?? "")) {
    const word = skipSpace(text, keyEnd + 1, hi);
    if (wordValue(text, keyStart, word, lo, hi)) return untilSpace(text, word, hi);
  }
  const prose =
    proseValue(text, keyStart, keyEnd, lo, hi, key) ??
    (key.isPassword && !quoted && first !== 58 && first !== 61 ? valueBelow(text, beforeSpace, hi) : null);
  return prose === null ? null : { ...prose, open: prose.end >= hi };
}

/** The value went already: a placeholder or the end follows, with a blank and a quote in front at most. */
function isNothingBehind(text: string, at: number, hi: number): boolean {
  if (at < hi && text.charCodeAt(at) === 32) at++;
  return at >= hi || (at + 1 === hi && isQuote(text.charCodeAt(at)));
}

/** All but letters and digits; of letters those of `value`, `default` and `content`. */
function mayNameValue(first: number): boolean {
  const lower = first | 32;
  const isLetter = lower >= 97 && lower <= 122;
  return isLetter ? lower === 118 || lower === 100 || lower === 99 : first < 48 || first > 57;
}

/** `**Password:** …`, `<b>Password</b>: …`, `user[password]=…`, `char PASSWORD[] = …`: what closes around a key. */
function behindMarks(text: string, at: number, hi: number): number {
  const code = text.charCodeAt(at);
  if (code !== 42 && code !== 60 && code !== 91 && code !== 93 && code !== 37 && code !== 58) return at;
  const marks =
    /^(?::(?:protected|(?:[\w\\]{1,40}:)?private)\](?=[ \t]=>)|(?:\*{1,3}|<\/(?:b|strong|i|em|u|code|span)>)(?=[ \t]{0,3}(?:[:=]|[^\s<:=]))|(?:\[\d{0,5}\])(?=[ \t]{0,3}=(?!=))|(?:\]|%5[Dd])(?:(?:\[\]|%5[Bb]%5[Dd]))?(?==[^=\s]|[ \t]=[ \t]["']|[ \t]=>[ \t]|%3[Dd]))/.exec(
      text.slice(at, Math.min(hi, at + 64)),
    );
  return marks === null ? at : at + marks[0].length;
}

function pairedKey(text: string, keyStart: number, name: string, lo: number): SecretKey | null {
  const before = /(?:^|[^\w-])([A-Za-z]{3,12}) $/.exec(text.slice(Math.max(lo, keyStart - 14), keyStart));
  return before === null ? null : classifyPair(before[1]!, name);
}

/** What stands between two tags. */
function isContent(text: string, { start, end }: Found, key: SecretKey): boolean {
  const value = text.slice(start, end);
  if (
    isNoSecret(value, key) ||
    isLabel(value) ||
    isForeignText(value) ||
    (!/\d/.test(value) && classifyKey(value) !== null)
  )
    return false;
  if (/^\d{1,3}$/.test(value)) return false;
  if (key.needsRandom === true || key.isPhrase === true) return isRandom(value);
  return key.strong || looksSecret(value, ">", true);
}

function isOtherForm(text: string, beforeSpace: number, at: number, hi: number): boolean {
  if (beforeSpace >= hi) return false;
  const code = text.charCodeAt(beforeSpace);
  // A blank (prose, type, flag), a call, a line end, the end of a tag or of an attribute.
  return (
    code === 40 ||
    code === 123 ||
    code === 10 ||
    code === 13 ||
    code === 60 ||
    code === 47 ||
    code === 62 ||
    at > beforeSpace
  );
}

function separatorAt(text: string, at: number, hi: number): string | null {
  if (at >= hi) return null;
  const next = at + 1 < hi ? text.charCodeAt(at + 1) : 0;
  switch (text.charCodeAt(at)) {
    case 61: // = == => but not ===
      if (next === 62) return "=>";
      if (next !== 61) return "=";
      return at + 2 < hi && text.charCodeAt(at + 2) === 61 ? null : "==";
    case 58: // : := and Jsonnet's :: in front of a literal
      if (next === 58) return /^ {0,3}["']/.test(text.slice(at + 2, Math.min(hi, at + 6))) ? "::" : null;
      return next === 61 ? ":=" : ":";
    case 45:
      // A dash between a name and a literal.
      return next === 62 ? "->" : next === 32 && isDashed(text, at, hi) ? "-" : null;
    case 0x2013:
    case 0x2014:
      return isDashed(text, at, hi) ? "-" : null;
    case 46: // PHP's and Perl's .=, a pair of Lisp
    case 43: // +=
      return next === 61 ? text.slice(at, at + 2) : next === 32 && isDashed(text, at, hi) ? "." : null;
    case 60: // R
      return next === 45 ? "<-" : null;
    case 44:
      return ",";
    case 63: // Make's ?=, JavaScript's ??=
      return next === 61 ? "?=" : next === 63 && text.charCodeAt(at + 2) === 61 ? "??=" : null;
    case 124:
      return next === 124 && text.charCodeAt(at + 2) === 61 ? "||=" : null;
    case 37:
      return next === 51 && at + 2 < hi && (text.charCodeAt(at + 2) | 32) === 100 ? text.slice(at, at + 3) : null;
    default:
      return at > 0 && isParticle(text[at]!) ? text[at]! : null;
  }
}

function isDashed(text: string, at: number, hi: number): boolean {
  return (
    at + 3 < hi && text.charCodeAt(at - 1) === 32 && text.charCodeAt(at + 1) === 32 && isQuote(text.charCodeAt(at + 2))
  );
}

function untilSpaceText(text: string, at: number, hi: number): string {
  return /^\S{0,64}/.exec(text.slice(at, Math.min(hi, at + 64)))![0];
}

/** `('password', 'x')` and `["password", "x"]` name a value; a list of words does not. */
function isCallOrPair(text: string, keyStart: number, lo: number, quoted: boolean): boolean {
  // Erlang: `{password, "x"}`, and options that have a constant for a name: `setopt(c, OPT_PASSWORD, "x")`.
  if (!quoted)
    return (
      keyStart > lo &&
      (text.charCodeAt(keyStart - 1) === 123 ||
        (/[(, ]/.test(text[keyStart - 1]!) &&
          /^(?:\w{1,40}\.){0,3}[A-Z][A-Z0-9]*_[A-Z0-9_]*,/.test(text.slice(keyStart, keyStart + 100))))
    );
  let at = keyStart - 1;
  while (at >= lo && (isQuote(text.charCodeAt(at)) || text.charCodeAt(at) === 92)) at--;
  if (at === keyStart - 1) return false;
  // JSON that was printed to be read has a line for each of a pair.
  while (at >= lo && text.charCodeAt(at) <= 32) at--;
  return at >= lo && (text.charCodeAt(at) === 40 || text.charCodeAt(at) === 91);
}

/** `:password "x"` in a map of Clojure, `(setq password "x")`. */
function isNameOfLisp(text: string, keyStart: number, at: number, lo: number, hi: number): boolean {
  if (at >= hi || text.charCodeAt(at) !== 34 || keyStart - 1 < lo) return false;
  if (text.charCodeAt(keyStart - 1) === 58) return keyStart - 1 === lo || /[\s({[,]/.test(text[keyStart - 2]!);
  return (
    text.charCodeAt(keyStart - 1) === 32 &&
    /\((?:setq|setf|setopt|def\w{0,12}) $/.test(text.slice(Math.max(lo, keyStart - 24), keyStart))
  );
}

/** `['--password', 'x']`, `[--password, x]`: arguments as a program's log prints them. */
function isFlagInList(text: string, keyStart: number, at: number, lo: number, hi: number): boolean {
  if (text.charCodeAt(keyStart) !== 45 || keyStart <= lo || !/[\s[("'`,]/.test(text[keyStart - 1]!)) return false;
  // A parser's own options follow: `add_option("--password", action="store")`.
  return !/^\s{0,20}\w{1,20}\s?=/.test(text.slice(at + 1, Math.min(hi, at + 44)));
}

/** `"password: " + password`: the quote in front of the value ends a text that began in front of the key. */
function isClosing(text: string, { start, end }: Found, lo: number): boolean {
  const quote = text[start - 1]!;
  if (!isQuote(quote.charCodeAt(0)) || !/^\s{0,3}[+,;)%.&|?]/.test(text.slice(start, Math.min(end, start + 4))))
    return false;
  let before = 0;
  for (let at = start - 2; at >= Math.max(lo, start - 96) && text.charCodeAt(at) !== 10; at--)
    if (text[at] === quote) before++;
  return before % 2 === 1;
}

function isKeyChar(code: number): boolean {
  // Also letters with accents and of other alphabets: `contraseña`.
  return isAlnum(code) || code === 95 || code === 45 || code === 46 || (code > 127 && isForeignLetter(code));
}
