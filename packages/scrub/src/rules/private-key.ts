import { RANK, type Rule } from "../engine/rule.ts";
import { isTokenChar } from "../text/characters.ts";

/** Lines of a body that are read at most; a key of 16,384 bits has two hundred. */
const MAX_LINES = 400;
/** What a log, a build or a diff writes in front of each line. */
const MAX_PREFIX = 160;

const BEGIN = /^-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
const END = /^-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
/** The end of a line of the body: base64, and what source code, JSON and terminals set behind it. */
const BODY =
  // oxlint-disable-next-line no-control-regex
  /(?:^|[^A-Za-z0-9+/=])([A-Za-z0-9+/]{1,76}={0,2})(?:\\[nrt]|["'`,;+.&)\]\\|│\s]|\u001b\[[0-9;]{0,12}m|<br ?\/?>){0,12}$/;
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
    const label = text.slice(at, stop).indexOf("-----END");
    if (label >= 0) return labelEnd(text, at + label, hi);
    const content = text.slice(at, stop);
    const body = bodyOf(content, 16) ?? (line > 0 && closesNext(text, stop, hi) ? bodyOf(content, 1) : null);
    if (body !== null) end = at + body.end;
    else if (HEADER.test(content.slice(0, MAX_PREFIX))) end = stop;
    else if (line > 0 && !isBlank(content)) break;
    at = stop + 1;
  }
  return end;
}

/** The last line of a body may be short; the closing label stands under it. */
function closesNext(text: string, stop: number, hi: number): boolean {
  const next = text.slice(stop + 1, Math.min(hi, stop + MAX_PREFIX + 40));
  const label = next.indexOf("-----END");
  return label >= 0 && !next.slice(0, label).includes("\n");
}

/** Where the body begins above its closing label. */
function linesStart(text: string, label: number, lo: number): number {
  let start = label;
  while (start > lo && isEncodedChar(text.charCodeAt(start - 1))) start--;
  // `…\n-----END` in one literal.
  let at = start;
  let last = -1;
  for (let line = 0; line < MAX_LINES; line++) {
    while (at > lo && text.charCodeAt(at - 1) !== 10) at--;
    if (at <= lo) return start;
    const stop = at - 1;
    let from = stop;
    while (from > lo && text.charCodeAt(from - 1) !== 10 && stop - from < 512) from--;
    const body = bodyOf(text.slice(from, stop), line === 0 ? 1 : 16);
    if (body === null) return start;
    // A short line counts when a full one stands above it.
    if (line === 0 && body.end - body.start < 16) last = from + body.start;
    else start = from + body.start;
    at = from;
  }
  return last >= 0 && start > last ? last : start;
}

function bodyOf(line: string, least: number): { start: number; end: number } | null {
  const match = BODY.exec(line.length > 512 ? line.slice(-512) : line);
  if (match === null || match[1]!.length < least) return null;
  const start = Math.max(0, line.length - 512) + match.index + match[0].indexOf(match[1]!);
  // A word at the end of a sentence is no base64.
  if (start > MAX_PREFIX || (least > 1 && !/[\d+/]|[a-z][A-Z]/.test(match[1]!))) return null;
  return { start, end: start + match[1]!.length };
}

function isBlank(line: string): boolean {
  return line.length < MAX_PREFIX && line.trim() === "";
}

function lineEnd(text: string, at: number, hi: number): number {
  const limit = Math.min(hi, at + 1024);
  while (at < limit && text.charCodeAt(at) !== 10) at++;
  return at;
}

function isPemChar(code: number): boolean {
  return isTokenChar(code) || code <= 32 || code === 92 || code === 34 || code === 39 || code === 44 || code === 58;
}

/** Base64 and escaped line ends, without blanks. */
function isEncodedChar(code: number): boolean {
  return isTokenChar(code) && code !== 45 && code !== 46 ? true : code === 92;
}
