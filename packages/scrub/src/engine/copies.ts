import type { Cut } from "./pieces.ts";
import { isAlpha, isDigit } from "../text/characters.ts";
import { RANK, type Rule } from "./rule.ts";

/** What was removed once and must not stay elsewhere. */
export type Sought = {
  readonly value: string;
  readonly rule: Rule;
  readonly type: string;
  /** Letters or digits alone: only where nothing is written on to it. */
  readonly apart: boolean;
  /** A piece of it that is written alike in an address, in JSON and in a command, and is quickly searched for. */
  readonly core: string;
};

/** Shorter values stand in ordinary words. */
export const LEAST_SOUGHT = 8;
const MOST = 256;
const LONGEST_PLACEHOLDER = 52;
/** Values of one text or event. */
export const MOST_SOUGHT = 32;

/** The values of these cuts, and the secret parts of those that hold more than one. Personal data is found wherever it stands. */
export function soughtOf(text: string, cuts: readonly Cut[]): Sought[] {
  const found: Sought[] = [];
  const seen = cuts.length === 1 ? null : new Set<string>();
  for (const { start, end, rule, type } of cuts) {
    if (rule.rank === RANK.personal || end - start < LEAST_SOUGHT || end - start > 1_024) continue;
    if (found.length >= MOST_SOUGHT || (seen !== null && seen.size >= MOST_SOUGHT * 4)) break;
    const value = text.slice(start, end);
    if (seen?.has(value) === true) continue;
    seen?.add(value);
    addSought(found, value, rule, type);
  }
  return found;
}

export function addSought(found: Sought[], given: string, rule: Rule, type: string): void {
  if (given.length < LEAST_SOUGHT) return;
  const add = (value: string, core?: string): void => {
    if (found.length >= MOST_SOUGHT || value.length < LEAST_SOUGHT || value.length > MOST) return;
    if (holds(found, value) || isDull(value) || value.includes("[REDACTED:") || /[\r\n]/.test(value)) return;
    found.push({ value, rule, type, apart: isOneKind(value), core: core ?? coreOf(value) });
  };
  const value = given.trim();
  add(value);
  if (type === "COOKIE") for (const part of value.split(/;\s{0,4}/)) addIfMade(part.slice(part.indexOf("=") + 1), add);
  const colon = type === "URL_CREDENTIALS" ? value.indexOf(":") : -1;
  if (colon >= 0) add(value.slice(colon + 1));
  // The same value in an address, in JSON, and out of an address.
  if (!/[^\w.!~*'()-]/.test(value)) return;
  const core = coreOf(value);
  if (value.isWellFormed()) add(encodeURIComponent(value), core);
  if (/["\\]/.test(value)) add(value.replace(/["\\]/g, "\\$&"), core);
  if (value.includes("%")) add(decoded(colon >= 0 ? value.slice(colon + 1) : value));
}

/** Letters alone, or digits alone. */
function isOneKind(value: string): boolean {
  const isNumber = isDigit(value.charCodeAt(0));
  for (let at = 0; at < value.length; at++) if (!(isNumber ? isDigit : isAlpha)(value.charCodeAt(at))) return false;
  return true;
}

const holds = (found: readonly Sought[], value: string): boolean => found.some((each) => each.value === value);

/** Fewer than four different characters are a rule, a pause or a mask. */
function isDull(value: string): boolean {
  let [a, b, c] = [value.charCodeAt(0), -1, -1];
  for (let i = 1; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === a || code === b || code === c) continue;
    if (b === -1) b = code;
    else if (c === -1) c = code;
    else return false;
  }
  return true;
}

/** Of a value so many characters are looked for at least, if it has as many, and at most. */
const LEAST_CORE = 6;
const MOST_CORE = 64;
/** Searching stops at each character like the first one: 1 stands in every word and number, 2 is rare; 0 may be written otherwise. */
const KINDS = new Uint8Array(128);
for (const char of "jkqvwxyzbABCDEFGHIJKLMNOPQRSTUVWXYZ") KINDS[char.charCodeAt(0)] = 2;
for (const char of "etaonirshldcumpfg0123456789-._") KINDS[char.charCodeAt(0)] = 1;

const kindOf = (code: number): number => (code < 128 ? KINDS[code]! : 0);

/**
 * The longest run of characters that are written alike in an address, in JSON and in a command, from one on
 * that is rare, if enough of them are left.
 */
function coreOf(value: string): string {
  const length = Math.min(value.length, MOST_CORE);
  let start = 0;
  let end = 0;
  for (let from = 0, at = 0; at <= length; at++) {
    const code = at < length ? value.charCodeAt(at) : 0;
    if (kindOf(code) > 0) continue;
    if (at - from > end - start) {
      start = from;
      end = at;
    }
    // The two digits of `%2F` do not stand for themselves.
    if (code === 37) at += 2;
    from = at + 1;
  }
  for (let at = start; at <= end - LEAST_CORE; at++)
    if (kindOf(value.charCodeAt(at)) === 2) return value.slice(at, end);
  return value.slice(start, end);
}

/** True when the core of one of them stands in a text, so that a closer look is worth its time. */
export function mayHold(texts: readonly string[], sought: readonly Sought[]): boolean {
  for (let i = 0; i < sought.length; i++) {
    const { core } = sought[i]!;
    // The same value written in another way mostly has the same core.
    if (i > 0 && core === sought[i - 1]!.core) continue;
    for (const text of texts) if (text.includes(core)) return true;
  }
  return false;
}

/** Adds what another text brought, up to the same bound. */
export function joinSought(found: Sought[], more: readonly Sought[]): void {
  for (const each of more) if (found.length < MOST_SOUGHT && !holds(found, each.value)) found.push(each);
}

/** Where the values stand in a text from which they were removed elsewhere; not inside of placeholders. */
export function copiesIn(text: string, sought: readonly Sought[]): Cut[] | null {
  const cuts: Cut[] = [];
  const add = ({ value, rule, type, apart }: Sought, at: number): void => {
    const end = at + value.length;
    if (apart && (isWord(text.charCodeAt(at - 1)) || isWord(text.charCodeAt(end)))) return;
    if (!isInPlaceholder(text, at)) cuts.push({ start: at, end, rule, type });
  };
  if (sought.length < FEW || text.length < SHORT)
    for (const each of sought) {
      if (each.value.length > text.length) continue;
      for (let at = text.indexOf(each.value); at >= 0; at = text.indexOf(each.value, at + each.value.length))
        add(each, at);
    }
  else findAll(text, sought, add);
  if (cuts.length < 2) return cuts.length === 0 ? null : cuts;
  cuts.sort((a, b) => a.start - b.start || b.end - a.end);
  return cuts.filter((cut, i) => i === 0 || cuts.slice(Math.max(0, i - 4), i).every(({ end }) => end <= cut.start));
}

/** Fewer values are found faster one by one. */
const FEW = 4;
const SHORT = 512;
const PAIRS = 1 << 12;
const pairOf = (first: number, second: number): number => ((first << 5) ^ second) & (PAIRS - 1);

/** All values in one reading, by the two characters that each begins with. */
function findAll(text: string, sought: readonly Sought[], add: (each: Sought, at: number) => void): void {
  const begins = new Uint8Array(PAIRS);
  const from = new Map<Sought, number>();
  for (const each of sought) begins[pairOf(each.value.charCodeAt(0), each.value.charCodeAt(1))] = 1;
  let first = text.charCodeAt(0);
  for (let at = 0; at + 1 < text.length; at++) {
    const second = text.charCodeAt(at + 1);
    if (begins[pairOf(first, second)] === 1)
      for (const each of sought)
        if (text.startsWith(each.value, at) && at >= (from.get(each) ?? 0)) {
          add(each, at);
          from.set(each, at + each.value.length);
        }
    first = second;
  }
}

function addIfMade(value: string, add: (value: string) => void): void {
  if (/\d/.test(value) && /[A-Za-z]/.test(value)) add(value);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function isInPlaceholder(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - LONGEST_PLACEHOLDER), at + 1);
  const opened = before.lastIndexOf("[REDACTED:");
  return opened >= 0 && !before.includes("]", opened);
}

function isWord(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
}
