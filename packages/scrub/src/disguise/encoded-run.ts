/** A run of base64 or hex that reads as text: where it stands, and what it says. */
export type EncodedRun = { readonly start: number; readonly end: number; readonly plain: string };

/** Shorter runs hold no more than a word or two; a key in front of them is enough to find those. */
const LEAST = 24;
/** Longer runs are judged by their beginning: pictures and bundles, not secrets. */
const MOST = 64 * 1024;

const BASE64 = table("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
BASE64[45] = 62;
BASE64[95] = 63;

/**
 * Jumps over the text: a run of at least 24 characters covers every 24th position, so each jump
 * looks back from there and ordinary words cost a few looks per 24 characters.
 */
export function encodedRuns(text: string): EncodedRun[] | null {
  let found: EncodedRun[] | null = null;
  for (let at = LEAST - 1; at < text.length;) {
    let start = at;
    const least = at - LEAST + 1;
    while (start >= least && isBase64(text.charCodeAt(start))) start--;
    if (start >= least) {
      at = start + LEAST;
      continue;
    }
    start = least;
    while (start > 0 && at - start < LEAST * 2 && isBase64(text.charCodeAt(start - 1))) start--;
    let end = at + 1;
    while (end < text.length && isBase64(text.charCodeAt(end))) end++;
    const run = readRun(text, start, end);
    if (run !== null) (found ??= []).push(run);
    at = (run === null ? end : Math.max(end, run.end)) + LEAST;
  }
  return found;
}

function readRun(text: string, start: number, end: number): EncodedRun | null {
  const limit = Math.min(end, start + MOST);
  if (isHexRun(text, start, limit)) {
    if ((limit - start) % 2 !== 0 || limit - start < 32 || text.charCodeAt(start) > 55) return null;
    if (!readsAsText(hexBytes(text, start, start + 32))) return null;
    return { start, end, plain: clean(hexBytes(text, start, limit)) };
  }
  const middle = start + ((limit - start) >> 1);
  for (let shift = 0; shift < 4; shift++) {
    const later = middle + ((4 - ((middle - start - shift) % 4)) % 4);
    if (!readsAsBase64(text, start + shift, limit) && !readsAsBase64(text, later, limit)) continue;
    const { body, to } = lines(text, start + shift, end);
    return { start, end: to, plain: clean(base64Bytes(body, 0, body.length)) };
  }
  return null;
}

/** Mail and PEM break base64 into lines of one length; a run that ends at a line end goes on below. */
function lines(text: string, start: number, end: number): { body: string; to: number } {
  let body = text.slice(start, Math.min(end, start + MOST));
  let to = end;
  const width = end - start;
  while (width >= 40 && body.length < MOST) {
    let next = to;
    if (text.charCodeAt(next) === 13) next++;
    if (text.charCodeAt(next) !== 10) break;
    next++;
    while (text.charCodeAt(next) === 32 || text.charCodeAt(next) === 9) next++;
    let stop = next;
    while (stop < text.length && stop - next <= width && isBase64(text.charCodeAt(stop))) stop++;
    if (stop === next || stop - next > width) break;
    body += text.slice(next, stop);
    to = stop;
    if (stop - next < width) break;
  }
  while (to < text.length && text.charCodeAt(to) === 61 && to - end < MOST) to++;
  return { body, to };
}

function base64Bytes(text: string, start: number, end: number): string {
  let out = "";
  let bits = 0;
  let held = 0;
  for (let i = start; i < end; i++) {
    const value = BASE64[text.charCodeAt(i) & 127]!;
    if (value < 0) break;
    held = ((held << 6) | value) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += String.fromCharCode((held >> bits) & 255);
  }
  return out;
}

/** Sixteen characters that decode to plain text; gives up at the first byte that is none. */
function readsAsBase64(text: string, at: number, limit: number): boolean {
  if (at + 16 > limit) return false;
  let zeros = 0;
  for (let i = at; i < at + 16; i += 4) {
    const bits =
      (BASE64[text.charCodeAt(i)]! << 18) |
      (BASE64[text.charCodeAt(i + 1)]! << 12) |
      (BASE64[text.charCodeAt(i + 2)]! << 6) |
      BASE64[text.charCodeAt(i + 3)]!;
    for (let shift = 16; shift >= 0; shift -= 8) {
      const byte = (bits >> shift) & 255;
      if (byte === 0) zeros++;
      else if (byte > 126 || (byte < 32 && byte !== 10 && byte !== 13 && byte !== 9)) return false;
    }
  }
  return zeros <= 6;
}

function hexBytes(text: string, start: number, end: number): string {
  let out = "";
  for (let i = start; i + 1 < end; i += 2) out += String.fromCharCode(Number.parseInt(text.slice(i, i + 2), 16));
  return out;
}

/** Plain ASCII, or UTF-16 of it. Twelve random bytes look like that once in a hundred thousand times. */
function readsAsText(bytes: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return bytes.length >= 12 && /^[\t\n\r -~\0]+$/.test(bytes) && bytes.replaceAll("\0", "").length * 2 >= bytes.length;
}

function clean(bytes: string): string {
  return bytes.replaceAll("\0", "");
}

function isHexRun(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    const lower = code | 32;
    if (!((code >= 48 && code <= 57) || (lower >= 97 && lower <= 102))) return false;
  }
  return true;
}

function isBase64(code: number): boolean {
  return code < 128 && BASE64[code]! >= 0;
}

function table(alphabet: string): Int8Array {
  const values = new Int8Array(128).fill(-1);
  for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i;
  return values;
}
