import { RANK, type Rule } from "../../engine/rule.ts";
import { isAlnum, isTokenChar, startsWord } from "../../text/characters.ts";
import { isPlaceBody } from "../../keys/place-word.ts";
import { furtherParts, gluedEnd, mayBeginInWord, wordEnd } from "./glued.ts";
import { fixedPositions } from "./positions.ts";
import { afterBreak, wrappedEnd } from "../../disguise/wrapped.ts";

/**
 * One family of tokens, as its vendor documents it. `pattern` is RE2 syntax with bounded
 * quantifiers and without look-around; it is compiled once and also read by the cross-check.
 */
export type Family = {
  /** Kebab-case; the placeholder says the same in capitals unless `type` is given. */
  readonly name: string;
  readonly type?: string;
  /** Lower-case ASCII. Without `near` the pattern begins with one of them. */
  readonly keywords: readonly string[];
  readonly pattern: string;
  /** The vendor's page or document that gives prefix, length and alphabet. */
  readonly source: string;
  /** The prefix is so distinctive that it counts in the middle of a word. */
  readonly inWord?: true;
  /** The length is known: when more letters, digits or `_` follow, it is something else. */
  readonly exact?: true;
  /** What stands in front of the value is part of the pattern and stays readable: `AccountKey=`. */
  readonly keepsKeyword?: true;
  /** The keyword stands so many characters into the token instead of at its start. */
  readonly lead?: number;
  /** How the vendor marks tokens of its documentation: what ends so opens nothing. */
  readonly exampleEnding?: string;
  /** The prefix is so short that names of code begin alike; letters alone are none of these tokens. */
  readonly needsDigit?: true;
  /** The prefix is so short that digests begin alike: what goes on like base64, or is hex, is one of those. */
  readonly notInBase64?: true;
  /** The value itself has no prefix: it counts behind the vendor's name and an assignment. */
  readonly near?: true;
};

type Options = {
  keywords?: readonly string[];
  type?: string;
  inWord?: true;
  exact?: true;
  keepsKeyword?: true;
  lead?: number;
  exampleEnding?: string;
  needsDigit?: true;
  notInBase64?: true;
};

/** A token that begins with its own prefix. Keywords default to the literal the pattern begins with. */
export function prefixed(name: string, pattern: string, source: string, options: Options = {}): Family {
  return { name, pattern, source, keywords: options.keywords ?? [leadingLiteral(pattern)], ...options };
}

/** A token without a prefix, known by the vendor's name in front: `DATADOG_API_KEY=…`, `"algolia": "…"`. */
export function near(name: string, words: string, pattern: string, source: string): Family {
  return { name, keywords: words.split(" "), pattern, source, near: true };
}

export function typeOf(family: Family): string {
  return family.type ?? family.name.toUpperCase().replaceAll("-", "_");
}

export function familyRule(family: Family): Rule {
  return family.near === true ? nearRule(family) : prefixRule(family);
}

/** Matches this long may have met the bound of their quantifier: what goes on like base64 goes too. */
const LONG = 240;

function prefixRule(family: Family): Rule {
  const { inWord = false, exact = false, keepsKeyword = false, lead = 0, exampleEnding, needsDigit = false } = family;
  const pattern = exact ? wholeWord(family.pattern) : new RegExp(family.pattern, "y");
  const part = new RegExp(family.pattern, "y");
  const positions = fixedPositions(family.pattern);
  return {
    name: family.name,
    type: typeOf(family),
    rank: RANK.token,
    keywords: family.keywords,
    tail: isTokenChar,
    guard: positions.length === 0 ? undefined : (text, start, end) => fits(text, start, end, lead, positions),
    find(text, hit, end, lo, hi) {
      const start = hit - lead;
      if (start < lo) return null;
      const literal = lead === 0 ? text.slice(hit, end) : "";
      const isApart = inWord || startsWord(text, start, lo);
      if (!isApart && literal === "") return null;
      const window = text.slice(start, hi);
      pattern.lastIndex = 0;
      let match = pattern.exec(window);
      let glued = -1;
      if (match === null && exact) {
        part.lastIndex = 0;
        match = part.exec(window);
        if (match !== null && !isMask(match[0])) glued = gluedEnd(text, start + match[0].length, hi, literal, match[0]);
        if (glued < 0) match = null;
      }
      if (!isApart && (match === null || !mayBeginInWord(text, start, lo, literal, match[0]))) return null;
      if (match === null) {
        const joined = acrossLines(text, start, hi, pattern, positions);
        return joined === null ? null : { start: keepsKeyword ? end : start, end: joined, open: false };
      }
      if (isMask(match[0]) || (lead === 0 && isPlaceBody(match[0].slice(end - hit)))) return null;
      if (exampleEnding !== undefined && match[0].endsWith(exampleEnding)) return null;
      if (needsDigit && !/\d/.test(match[0])) return null;
      if (isDigest(text, start, lo)) return null;
      if (family.notInBase64 === true && isInBase64(text, start, match[0], hi)) return null;
      if (glued >= 0)
        return { start: keepsKeyword ? end : start, end: furtherParts(text, glued, hi), open: glued >= hi };
      let stop = start + match[0].length;
      if (match[0].length >= LONG && !exact) while (stop < hi && isTokenChar(text.charCodeAt(stop))) stop++;
      else if (!exact) stop = wordEnd(text, stop, hi);
      if (!exact && stop < hi && isBreak(text.charCodeAt(stop))) stop = wrappedEnd(text, start, stop, hi);
      return { start: keepsKeyword ? end : start, end: furtherParts(text, stop, hi), open: stop >= hi && !exact };
    },
  };
}

/** `ghp_xxxxxxxxxxxx…`, `glpat-XXXXXXXXXX-XXXXXXXX`: a token's outline. Twelve of them by chance in a row are impossible. */
function isMask(token: string): boolean {
  const last = token.charCodeAt(token.length - 1);
  return (last === 120 || last === 88) && /(?:x[-_.x]{11,}|X[-_.X]{11,})$/.test(token);
}

function isInBase64(text: string, start: number, token: string, hi: number): boolean {
  const next = start + token.length;
  return (next < hi && "+/=".includes(text[next]!)) || /^[0-9a-f]+$/.test(token.slice(3));
}

/** `sha512-…`, `sha256:…`: every digest begins like some token once in a while. */
function isDigest(text: string, start: number, lo: number): boolean {
  const before = text.charCodeAt(start - 1);
  return (
    (before === 45 || before === 58) &&
    /sha-?(?:1|224|256|384|512)[-:]$/i.test(text.slice(Math.max(lo, start - 8), start))
  );
}

/** Only demands what must be there, so cutting the text never turns a no into a yes. A wrapped token may break anywhere. */
function fits(text: string, start: number, end: number, lead: number, positions: readonly Uint8Array[]): boolean {
  for (let i = Math.max(0, lead - 4); i < positions.length; i++) {
    const code = text.charCodeAt(start - lead + i);
    if (code < 128 && positions[i]![code] === 1) continue;
    return i >= lead + end - start && mayBreak(code);
  }
  return true;
}

/** A line end, an escaped one, or the quote that ends the first half of a literal. */
function mayBreak(code: number): boolean {
  return code === 10 || code === 13 || code === 92 || code === 34 || code === 39 || code === 96;
}

/** What may stand between a vendor's name and the operator: `_API_KEY`, ` access token`, `": {"key`. */
const LABEL = /[A-Za-z0-9_ .\-"'`\]]{0,40}/y;
const OPERATOR = /(?:[ \t]{0,24}(?:=>|:{1,3}=|\?=|==|\|\||[=:,>(])|[ \t])[\s"'`=>({[]{0,24}/y;
/** A label that says what the value is instead of a secret. */
const HARMLESS_LABEL =
  /(?:commit|sha\d{0,3}|hash|md5|digest|checksum|revision|version|etag|trace|span|request|event|build|image|user|order|session|host|region|project|account|tenant|client|customer|org|team|app|application|zone|public|publishable)(?:[_ .-]?(?:id|name))?["'`\] ]{0,3}$|(?:^|[_ .-]|[a-z](?=I))ids?["'`\] ]{0,3}$/i;

function nearRule(family: Family): Rule {
  const value = wholeWord(family.pattern);
  return {
    name: family.name,
    type: typeOf(family),
    rank: RANK.token,
    keywords: family.keywords,
    find(text, start, end, lo, hi) {
      if (start > lo && isAlnum(text.charCodeAt(start - 1)) && !isCamelStart(text, start)) return null;
      const limit = Math.min(hi, end + 64);
      LABEL.lastIndex = 0;
      let window = text.slice(end, limit);
      const label = LABEL.exec(window)![0];
      // The label is greedy over blanks and quotes; an operator follows it, or a blank inside it is one.
      OPERATOR.lastIndex = label.length;
      let operator = OPERATOR.exec(window);
      let labelEnd = label.length;
      if (operator === null) {
        labelEnd = label.lastIndexOf(" ");
        if (labelEnd <= 0 || !SAYS_SECRET.test(label.slice(0, labelEnd))) return null;
        OPERATOR.lastIndex = labelEnd;
        operator = OPERATOR.exec(window);
        if (operator === null) return null;
      }
      if (HARMLESS_LABEL.test(label.slice(0, labelEnd))) return null;
      const from = end + labelEnd + operator[0].length;
      window = text.slice(from, Math.min(hi, from + 300));
      value.lastIndex = 0;
      const match = value.exec(window);
      if (match === null || isMask(match[0])) return null;
      const stop = from + match[0].length;
      // A word holds no digit and no colon; letters alone count where a key of the vendor is assigned.
      if (!/[\d:]/.test(match[0]) && !isAssignedKey(text.slice(start, end + labelEnd), operator[0], match[0]))
        return null;
      return { start: from, end: stop, open: false };
    },
  };
}

function isAssignedKey(key: string, operator: string, value: string): boolean {
  return (
    value.length >= 20 &&
    /[=:]/.test(operator) &&
    SAYS_SECRET.test(key) &&
    !isMask(value) &&
    !isPlaceBody(value) &&
    !/^(.)\1*$|[_.-]/.test(value)
  );
}

const SAYS_SECRET = /key|token|secret|pass|auth|cred|pw/i;

/** `myStripeKey`: a capital begins a word. */
function isCamelStart(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 65 && code <= 90;
}

/** The end is judged here, not in the table, whose patterns stay free of look-around. */
function wholeWord(pattern: string): RegExp {
  return new RegExp(`(?:${pattern})(?![A-Za-z0-9_])`, "y");
}

function isBreak(code: number): boolean {
  return code === 10 || code === 13;
}

/** A token broken by hard line ends and indents: matched on the text without them. */
function acrossLines(
  text: string,
  start: number,
  hi: number,
  pattern: RegExp,
  positions: readonly Uint8Array[],
): number | null {
  // Nearly always the line simply goes on with something else.
  let line = start;
  const near = Math.min(hi, start + 128);
  while (line < near && isInside(text.charCodeAt(line))) line++;
  if (line >= hi || afterBreak(text, line, hi) < 0) return null;
  // What stands in front of the line end must already be the beginning of such a token.
  for (let i = 0; i < positions.length && start + i < line; i++)
    if (positions[i]![text.charCodeAt(start + i) & 127] !== 1) return null;
  let joined = "";
  const at: number[] = [];
  const lineEnds: number[] = [];
  for (let i = start; i < hi && joined.length < 400; i++) {
    const code = text.charCodeAt(i);
    if (isInside(code)) {
      joined += text[i]!;
      at.push(i);
      continue;
    }
    const next = afterBreak(text, i, hi);
    if (next < 0 || lineEnds.length > 8 || joined.length < 4) break;
    lineEnds.push(joined.length);
    i = next - 1;
  }
  // The last line may be the next word of the text instead of more of the token.
  for (let length = joined.length; length > 0; length = lineEnds.pop() ?? 0) {
    pattern.lastIndex = 0;
    const match = pattern.exec(joined.slice(0, length));
    if (match !== null) return /\d/.test(match[0]) ? at[match[0].length - 1]! + 1 : null;
  }
  return null;
}

/** Marks that stand inside tokens of some family, beside the letters of base64. */
const MARKS_INSIDE: ReadonlySet<number> = new Set([...":|~$!^#@%&?;{}"].map((mark) => mark.charCodeAt(0)));

function isInside(code: number): boolean {
  return isTokenChar(code) || MARKS_INSIDE.has(code);
}

/** What every match begins with: plain characters, `[.]` and `\\.`. */
function leadingLiteral(pattern: string): string {
  let literal = "";
  for (let i = 0; i < pattern.length; i++) {
    const one = /^(?:\[([^\]\\^])\]|\\([^A-Za-z0-9])|([^[\](){}.*+?|^$\\]))(?![{?*])/.exec(pattern.slice(i, i + 5));
    if (one === null) break;
    literal += one[1] ?? one[2] ?? one[3]!;
    i += one[0].length - 1;
  }
  if (literal.length < 2) throw new RangeError(`no keyword in ${pattern}`);
  return literal.toLowerCase();
}
