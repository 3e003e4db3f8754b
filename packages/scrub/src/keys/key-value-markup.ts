/**
 * Keys and values that markup keeps apart: XML elements and attributes, cells of HTML tables, parts
 * of forms. Each looks at `text` behind the key within [at, hi) and says where the value is.
 */
export type Content = { start: number; end: number; open: boolean };

/** Attributes of an element up to the end of its tag. */
const ATTRIBUTES = `(?:\\s{1,20}[\\w:.-]{1,40}\\s?=\\s?\\\\?(?:"[^"<>]{0,120}"|'[^'<>]{0,120}')){0,6}`;
const OPENED = `\\s{0,80}(?:<(?:[Vv]alue|string|code|pre|b|i|span|p|strong|tt)(?:\\s[^<>]{0,80})?>\\s{0,40}){0,2}(?:<!\\[CDATA\\[)?`;

const ELEMENT = new RegExp(`^${ATTRIBUTES}\\s{0,4}>${OPENED}`);
const NAMED = new RegExp(`^\\\\?["']${ATTRIBUTES}\\s{0,4}>${OPENED}`);
const CELL = new RegExp(
  `^:?\\s{0,40}(?:</(?:b|i|em|strong|code|span|p)>\\s{0,20}){0,2}</(?:td|th|dt)>\\s{0,80}<(?:td|dd)(?:\\s[^<>]{0,80})?>${OPENED}`,
);
/** `name="password"`, an empty line, and the part of the form. */
const PART = /^\\?"(?:\r?\n){2}|^\\?"(?:\\r)?\\n(?:\\r)?\\n/;

/** `<password>…`, `<x:Password Type="…">…`, `<entry key="password">…`, `<td>Password</td><td>…`, parts of forms. */
export function markupValue(text: string, keyStart: number, keyEnd: number, lo: number, hi: number): Content | null {
  if (!standsInMarkup(text, keyStart, lo)) return null;
  const window = text.slice(keyEnd, Math.min(hi, keyEnd + 320));
  const before = text.slice(Math.max(lo, keyStart - 24), keyStart);
  let from = -1;
  let named = false;
  let isCell = false;
  if (/<(?:[\w-]{1,20}:)?$/.test(before)) from = endOf(ELEMENT, window);
  else if (/\b(?:name|key|k|property|field)\s?=\s?\\?["'][\w.-]{0,20}$/i.test(before)) {
    const part = endOf(PART, window);
    if (part >= 0) return line(text, keyEnd + part, hi);
    named = true;
    from = endOf(NAMED, window);
  } else if (/>\s{0,40}$/.test(before)) {
    isCell = true;
    from = endOf(CELL, window);
  }
  if (from < 0) return null;
  let start = keyEnd + from;
  const data = text.startsWith("<![CDATA[", start - 9);
  const limit = Math.min(hi, start + 256);
  let end = text.slice(start, limit).indexOf(data ? "]]>" : "<");
  // What ends with an opening tag is a place for a value: `<user>:<password>@<host>`.
  if (end < 0 ? limit - start < 256 && limit === text.length : !data && text.charCodeAt(start + end + 1) !== 47)
    return null;
  end = end < 0 ? limit : start + end;
  while (end > start && text.charCodeAt(end - 1) <= 32) end--;
  const quote = text.charCodeAt(start);
  if (end - start > 2 && (quote === 34 || quote === 39) && text.charCodeAt(end - 1) === quote) {
    start++;
    end--;
  }
  const value = text.slice(start, end);
  // The next header or a word that describes.
  if (isCell && /^\p{L}+$/u.test(value)) return null;
  // `<string name="password">Passwort</string>`: messages for people have names as well.
  if (
    named &&
    /^\p{Lu}?[\p{Ll}]+$/u.test(value) &&
    (/^\p{Lu}/u.test(value) ||
      /<(?:string|label|msg|message|data|trans)\b[^<]*$/.test(text.slice(Math.max(lo, keyStart - 64), keyStart)))
  )
    return null;
  return /\s/.test(value) && !data && !isPhrase(value) ? null : { start, end, open: end >= hi };
}

/** A few words with a digit among them, and no sentence. */
function isPhrase(value: string): boolean {
  return /\d/.test(value) && /^[^\s.,:!?]{1,24}(?: [^\s.,:!?]{1,24}){1,5}$/.test(value);
}

/** Behind `<`, `x:`, a quote, or the end of a tag. */
function standsInMarkup(text: string, keyStart: number, lo: number): boolean {
  let at = keyStart - 1;
  while (at >= lo && keyStart - at < 44 && text.charCodeAt(at) <= 32) at--;
  if (at < lo) return false;
  const code = text.charCodeAt(at);
  return code === 62 || (at === keyStart - 1 && (code === 60 || code === 58 || code === 34 || code === 39));
}

function endOf(pattern: RegExp, window: string): number {
  const match = pattern.exec(window);
  return match === null ? -1 : match[0].length;
}

function line(text: string, start: number, hi: number): Content {
  const rest = text.slice(start, hi);
  const length = rest.search(/[\r\n]|\\[rn]/);
  return { start, end: length < 0 ? hi : start + length, open: length < 0 };
}
