import { RANK, type Rule } from "../engine/rule.ts";
import { isAlnum, isTokenChar } from "../text/characters.ts";

/** Lines of a body that are read at most; a key of 16,384 bits has two hundred. */
const MAX_LINES = 400;
/** What a log, a build or a diff writes in front of each line. */
const MAX_PREFIX = 160;
/** Characters of one line of the body; most writers break after 64 or 76. */
const MAX_BODY = 130;

const BEGIN = /^-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
const END = /^-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
/** What source code, JSON and terminals set behind a line of the body. */
// oxlint-disable-next-line no-control-regex
const BEHIND = /(?:\\[nrt]|\u001b\[[0-9;]{0,12}m|<br ?\/?>|["'`,;+.&)\]\\|│\s])$/;
const HEADER = /(?:Proc-Type: \d|DEK-Info: [A-Z0-9-]{3,}|Version: |Comment: |Charset: )/;

/** Public keys and certificates are no secret. */
export const PRIVATE_KEYS: readonly Rule[] = [
  {
    name: "pem-private-key",
    type: "PRIVATE_KEY",
    rank: RANK.token,
    keywords: ["-----begin "],
    find(text, start, _end, _lo, hi) {
      const label = BEGIN.exec(text.slice(start, Math.min(hi, start + 80)));
      return label === null ? null : { start, end: start + label[0].length, open: true };
    },
    grow: (text, span, _lo, hi) => ({
      start: span.start,
      end: Math.max(bodyEnd(text, span.end, hi), linesEnd(text, span.end, hi)),
    }),
    example: () =>
      "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEow" + "aB3d\n".repeat(9) + "-----END RSA " + "PRIVATE KEY----- after",
  },
  {
    // The tail of a text whose beginning was given up: nothing but the last lines of a key says what they are.
    name: "pem-private-key-end",
    type: "PRIVATE_KEY",
    rank: RANK.token,
    keywords: ["-----end "],
    find(text, start, _end, _lo, hi) {
      const label = END.exec(text.slice(start, Math.min(hi, start + 80)));
      return label === null ? null : { start, end: start + label[0].length, open: true };
    },
    grow: (text, span, lo) => ({ start: linesStart(text, span.start, lo), end: span.end }),
    example: () => "Q2FB" + "aB3d".repeat(12) + "\n-----END RSA " + "PRIVATE KEY-----",
  },
];

/** True for a line that may stand inside a private key, whatever a log wrote in front of it. */
export function isKeyLine(line: string): boolean {
  return isBlank(line) || bodyOf(line, 16) !== null || HEADER.test(line.slice(0, MAX_PREFIX));
}

/** One run of base64, line ends real or escaped, and the quotes and commas of source code, up to the closing label. */
function bodyEnd(text: string, from: number, hi: number): number {
  for (let at = from; at < hi; at++) {
    if (text.charCodeAt(at) === 45 && text.startsWith("-----END", at)) return labelEnd(text, at, hi);
    if (!isPemChar(text.charCodeAt(at))) return at;
  }
  return hi;
}

function labelEnd(text: string, at: number, hi: number): number {
  const closing = text.slice(at + 8, Math.min(hi, at + 72)).indexOf("-----");
  return closing < 0 ? Math.min(hi, at + 8) : at + 8 + closing + 5;
}

/** The same line by line, where something stands in front of each. */
function linesEnd(text: string, from: number, hi: number): number {
  let end = from;
  for (let line = 0, at = from; line < MAX_LINES && at < hi; line++) {
    const stop = lineEnd(text, at, hi);
    const content = text.slice(at, stop);
    const label = content.indexOf("-----END");
    if (label >= 0) return labelEnd(text, at + label, hi);
    const next = stop + breakAt(text, stop);
    // Another key begins there.
    if (line > 0 && content.includes("-----BEGIN")) break;
    const body = bodyOf(content, 16) ?? (line > 0 && closesNext(text, next, hi) ? bodyOf(content, 1) : null);
    if (body !== null) end = at + body.end;
    else if (HEADER.test(content.slice(0, MAX_PREFIX))) end = stop;
    else if (line > 0 && !isBlank(content)) break;
    at = Math.max(next, at + 1);
  }
  return end;
}

/** The last line of a body may be short; the closing label stands under it. */
function closesNext(text: string, next: number, hi: number): boolean {
  return text.slice(next, Math.min(lineEnd(text, next, hi), next + MAX_PREFIX + 40)).includes("-----END");
}

/** Where the body begins above its closing label. */
function linesStart(text: string, label: number, lo: number): number {
  let start = label;
  while (start > lo && isEncodedChar(text.charCodeAt(start - 1))) start--;
  let at = start;
  let last = -1;
  for (let line = 0; line < MAX_LINES; line++) {
    const stop = breakBefore(text, at, lo);
    if (stop < 0) break;
    const before = breakBefore(text, stop, lo);
    const from = before < 0 ? lo : before + breakAt(text, before);
    const content = text.slice(from, stop);
    const body = bodyOf(content, line === 0 ? 1 : 16);
    if (body === null) break;
    // A short line counts when a full one stands above it.
    if (line === 0 && body.end - body.start < 16) last = from + body.start;
    else start = from + body.start;
    // Another key ends there.
    if (content.includes("-----")) break;
    at = from;
  }
  return last >= 0 && start > last ? last : start;
}

/** Length of the line end at `at`: a real one, an escaped one, or the next item of a list in JSON. */
function breakAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === 10) return 1;
  if (code === 92) return text.charCodeAt(at + 1) === 110 ? 2 : 0;
  return code === 34 && text.charCodeAt(at + 1) === 44 && text.charCodeAt(at + 2) === 34 ? 3 : 0;
}

function lineEnd(text: string, at: number, hi: number): number {
  const limit = Math.min(hi, at + 1024);
  while (at < limit && breakAt(text, at) === 0) at++;
  return at;
}

/** The last line end in front of `at`, or -1 where the line begins the text or is too long to be one of a key. */
function breakBefore(text: string, at: number, lo: number): number {
  for (let i = at - 1; i >= lo && at - i < 512; i--) {
    const length = breakAt(text, i);
    if (length > 0 && i + length <= at) return i;
  }
  return -1;
}

/** The base64 that ends a line, or null. */
function bodyOf(line: string, least: number): { start: number; end: number } | null {
  let end = line.length;
  for (let marks = 0; marks < 12; marks++) {
    const mark = BEHIND.exec(line.slice(Math.max(0, end - 18), end));
    if (mark === null) break;
    end -= mark[0].length;
  }
  let start = end;
  while (start > 0 && end - start < 2 && line.charCodeAt(start - 1) === 61) start--;
  while (start > 0 && end - start <= MAX_BODY && isBase64(line.charCodeAt(start - 1))) start--;
  if (end - start < least || end - start > MAX_BODY || start > MAX_PREFIX) return null;
  // A word at the end of a sentence is no base64.
  return least === 1 || /[\d+/]|[a-z][A-Z]/.test(line.slice(start, end)) ? { start, end } : null;
}

function isBase64(code: number): boolean {
  return isAlnum(code) || code === 43 || code === 47;
}

function isBlank(line: string): boolean {
  return line.length < MAX_PREFIX && line.trim() === "";
}

function isPemChar(code: number): boolean {
  return isTokenChar(code) || code <= 32 || code === 92 || code === 34 || code === 39 || code === 44 || code === 58;
}

/** Base64 and escaped line ends, without blanks. */
function isEncodedChar(code: number): boolean {
  return isTokenChar(code) && code !== 45 && code !== 46 ? true : code === 92;
}
