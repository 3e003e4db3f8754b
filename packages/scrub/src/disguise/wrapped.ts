import { isTokenChar } from "../text/characters.ts";

/** `"first half" +`, perhaps a line end, and the quote that opens the second half. A comma would make it a list. */
const JOINED_LITERALS =
  /^["'`][ \t]{0,3}(?:[+.&\\]?[ \t]{0,3}\r?\n[ \t]{0,40}(?:[+.&][ \t]{0,3})?|[+.&][ \t]{0,3})[brfu]?["'`](?=[A-Za-z0-9_\-+/=.])/;
const NEXT_LITERAL =
  /^\\{0,31}["'`][ \t]{0,3}(?:\+{1,2}|\.{1,2}|&|\|\||<>|~)[ \t]{0,3}(?:\\?\r?\n[ \t]{0,40})?[brfu]?\\{0,31}(["'`])/;

/** The end of the last of the literals that an operator joins to the one that ends at `to`: `"…" + "…"`. */
export function joinedEnd(text: string, to: number, hi: number): number {
  for (let pieces = 0; pieces < 8; pieces++) {
    const joint = NEXT_LITERAL.exec(text.slice(to, Math.min(hi, to + 72)));
    if (joint === null) return to;
    const from = to + joint[0].length;
    const limit = Math.min(hi, from + 200);
    let end = from;
    while (end < limit && text[end] !== joint[1] && text.charCodeAt(end) !== 10 && text.charCodeAt(end) !== 92) end++;
    if (end >= limit || text.charCodeAt(end) === 10) return to;
    to = end;
  }
  return to;
}

/** The first character of the next line when only a line end, an indent and a continuation mark stand between, or -1. */
export function afterBreak(text: string, at: number, hi: number): number {
  let i = at;
  const first = text.charCodeAt(i);
  if (first === 34 || first === 39 || first === 96) {
    const joint = JOINED_LITERALS.exec(text.slice(at, Math.min(hi, at + 64)));
    return joint === null ? -1 : at + joint[0].length;
  }
  if (text.charCodeAt(i) === 92) i++;
  if (text.charCodeAt(i) === 13) i++;
  if (i >= hi || text.charCodeAt(i) !== 10) return -1;
  i++;
  const indentEnd = Math.min(hi, i + 40);
  while (i < indentEnd && (text.charCodeAt(i) === 32 || text.charCodeAt(i) === 9)) i++;
  return i < hi && isTokenChar(text.charCodeAt(i)) ? i : -1;
}

/** Where a token that met a line end really ends: later lines belong to it while they hold nothing but more of it. */
export function wrappedEnd(text: string, start: number, stop: number, hi: number): number {
  let end = stop;
  for (let lines = 0; lines < 8; lines++) {
    const next = afterBreak(text, end, hi);
    if (next < 0) return end;
    let to = next;
    while (to < hi && isTokenChar(text.charCodeAt(to))) to++;
    const piece = text.slice(next, to);
    // Nothing else on that line, and it looks like the inside of a token, not like a word.
    const after = to < hi ? text.charCodeAt(to) : 10;
    if (!(after === 10 || after === 13 || after === 34 || after === 39 || after === 96 || after === 92)) return end;
    if (piece.length < 4 || piece.length > 100 || !looksRandom(piece) || stop - start < 12) return end;
    end = to;
    if (after !== 10 && after !== 13 && after !== 92) return end;
  }
  return end;
}

/** Digits between letters, or capitals inside: no word, no number, no plain name. */
function looksRandom(piece: string): boolean {
  return /\d/.test(piece) && /[A-Za-z]/.test(piece) && !/[=:]./.test(piece);
}
