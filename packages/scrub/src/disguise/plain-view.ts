/**
 * What a person or a program would read where the text is escaped, coloured or torn apart: a copy
 * of a region without disguises, and for each of its characters where it stood.
 */
export type PlainView = {
  readonly text: string;
  /** `from[i]` is where character i of the view begins in the source; one more entry for the end. */
  readonly from: Int32Array;
};

/** Lower-case ASCII; each may begin a disguise. `mayDisguise` looks closer. */
export const DISGUISES: readonly string[] = [
  ..."234567".split("").map((digit) => `%${digit}`),
  "\\u",
  "\\x",
  "\\/",
  "\\_",
  "\\-",
  "\\.",
  "\\=",
  "\\@",
  "\\e[",
  "\\0",
  "&#",
  "&quot;",
  "&amp;",
  "&apos;",
  "&lowbar;",
  "\u001b",
  "\0",
  "=3d",
  "=\n",
  "=\r\n",
  "\\\n",
  "\\\r\n",
  '""',
  "''",
];

/** Characters that are not seen, and the full-width forms of ASCII. */
export const UNSEEN =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\uff01-\uff5e]/;

/** True when what begins at `at` stands for a character that tokens and assignments are made of. */
export function mayDisguise(text: string, at: number, end: number): boolean {
  const first = text.charCodeAt(at);
  if (first === 37) {
    const code = hexPair(text, at + 1);
    return code > 33 && code < 127;
  }
  if (first === 92) {
    const second = text.charCodeAt(at + 1) | 32;
    // A blank, a quote or a letter of a foreign language stands behind most of these.
    if (second === 117)
      return (
        text.charCodeAt(at + 2) === 123 ||
        (text.charCodeAt(at + 2) === 48 && text.charCodeAt(at + 3) === 48) ||
        /^[2f]/i.test(text.slice(at + 2, at + 3))
      );
    if (second === 120) return hexPair(text, at + 2) >= 0;
    return true;
  }
  if (first === 34 || first === 39) return isWord(text.charCodeAt(at - 1)) && isWord(text.charCodeAt(end));
  if (first === 61 && text.charCodeAt(at + 1) !== 51) return isWord(text.charCodeAt(at - 1));
  return true;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  equals: "=",
  colon: ":",
  commat: "@",
  period: ".",
  lowbar: "_",
  hyphen: "-",
  dash: "-",
  sol: "/",
  plus: "+",
};

/** The view of [lo, hi), or null when nothing in there is disguised. Linear. */
export function plainView(text: string, lo: number, hi: number): PlainView | null {
  const from = new Int32Array(hi - lo + 1);
  let out = "";
  let kept = lo;
  let changed = false;
  let count = 0;
  const emit = (at: number, to: number, char: string): void => {
    out += text.slice(kept, at) + char;
    for (let i = kept; i < at; i++) from[count++] = i;
    if (char !== "") from[count++] = at;
    kept = to;
    changed = true;
  };
  for (let at = lo; at < hi;) {
    const code = text.charCodeAt(at);
    // Most characters stand for themselves.
    if (code > 63 && code < 127 && code !== 92) {
      at++;
      continue;
    }
    const found = decodeAt(text, at, hi, code);
    if (found === null) {
      at++;
      continue;
    }
    emit(at, found.to, found.char);
    at = found.to;
  }
  if (!changed) return null;
  emit(hi, hi, "");
  from[count] = hi;
  return { text: out, from: from.subarray(0, count + 1) };
}

type Decoded = { char: string; to: number };

function decodeAt(text: string, at: number, hi: number, code: number): Decoded | null {
  if (code === 37) {
    let to = at + 1;
    while (text.startsWith("25", to) && hexPair(text, to + 2) >= 0 && to < at + 8) to += 2;
    const value = hexPair(text, to);
    return value >= 32 && value < 127 && to + 2 <= hi ? { char: String.fromCharCode(value), to: to + 2 } : null;
  }
  if (code === 92) return escapeAt(text, at, hi);
  if (code === 38) return entityAt(text, at, hi);
  if (code === 27) return { char: "", to: ansiEnd(text, at + 1, hi) };
  if (code === 61) {
    if (text.startsWith("=3D", at) || text.startsWith("=3d", at)) return { char: "=", to: at + 3 };
    const next = lineBreak(text, at + 1);
    return next > 0 && next <= hi && isWord(text.charCodeAt(at - 1)) ? { char: "", to: next } : null;
  }
  if (code === 34 || code === 39) {
    const pair = text.charCodeAt(at + 1) === code && isWord(text.charCodeAt(at - 1)) && isWord(text.charCodeAt(at + 2));
    return pair && at + 2 < hi ? { char: "", to: at + 2 } : null;
  }
  if (code === 0) {
    // Every second character of UTF-16 is empty; a lone one separates.
    const wide = text.charCodeAt(at - 2) === 0 || text.charCodeAt(at + 2) === 0;
    return { char: wide ? "" : "\n", to: at + 1 };
  }
  if (code >= 0xff01 && code <= 0xff5e) return { char: String.fromCharCode(code - 0xfee0), to: at + 1 };
  return code > 127 && UNSEEN.test(text[at]!) ? { char: "", to: at + 1 } : null;
}

function escapeAt(text: string, at: number, hi: number): Decoded | null {
  const next = text[at + 1];
  if (next === undefined || at + 1 >= hi) return null;
  if (next === "u" || next === "x" || next === "U") {
    const match = /^\\(?:u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2}))/i.exec(
      text.slice(at, Math.min(hi, at + 12)),
    );
    if (match === null) return null;
    const code = Number.parseInt(match[1] ?? match[2] ?? match[3]!, 16);
    const to = at + match[0].length;
    if (code === 27) return { char: "", to: ansiEnd(text, to, hi) };
    if (code > 0xffff) return null;
    const char = String.fromCharCode(code);
    if (code >= 0xff01 && code <= 0xff5e) return { char: String.fromCharCode(code - 0xfee0), to };
    return UNSEEN.test(char) || code === 0 ? { char: "", to } : { char, to };
  }
  if (text.startsWith("033[", at + 1)) return { char: "", to: ansiEnd(text, at + 4, hi) };
  if (text.startsWith("e[", at + 1)) return { char: "", to: ansiEnd(text, at + 2, hi) };
  if (next === "n" || next === "r" || next === "t") return { char: next === "t" ? "\t" : "\n", to: at + 2 };
  const wrapped = lineBreak(text, at + 1);
  if (wrapped > 0) {
    let to = wrapped;
    while (to < hi && to < wrapped + 40 && (text.charCodeAt(to) === 32 || text.charCodeAt(to) === 9)) to++;
    // Only where a word goes on: a command's next argument stays apart.
    return to <= hi && isWord(text.charCodeAt(at - 1)) && isWord(text.charCodeAt(to)) ? { char: "", to } : null;
  }
  // `C:\Users` keeps its strokes; marks lose theirs.
  return /[!-/:-@[\]^_`{-~]/.test(next) ? { char: next, to: at + 2 } : null;
}

function entityAt(text: string, at: number, hi: number): Decoded | null {
  const match = /^&(?:#(\d{1,6})|#x([0-9a-f]{1,5})|([a-z]{2,6}));/i.exec(text.slice(at, Math.min(hi, at + 12)));
  if (match === null) return null;
  const to = at + match[0].length;
  if (match[3] !== undefined) {
    const char = ENTITIES[match[3].toLowerCase()];
    return char === undefined ? null : { char, to };
  }
  const code = match[1] === undefined ? Number.parseInt(match[2]!, 16) : Number(match[1]);
  if (code > 0xffff || code === 0) return null;
  const char = String.fromCharCode(code);
  return { char: UNSEEN.test(char) && code < 0xff00 ? "" : char, to };
}

/** The end of a control sequence whose escape character stood before `at`. */
function ansiEnd(text: string, at: number, hi: number): number {
  const rest = text.slice(at, Math.min(hi, at + 80));
  // oxlint-disable-next-line no-control-regex
  const match =
    /^(?:\[[0-9;:?]{0,32}[ -/]?[@-~]|\][^\u0007\u001b]{0,70}(?:\u0007|\u001b\\)|[()][A-Z0-9]|[=>78cDEHM])/.exec(rest);
  return at + (match === null ? 0 : match[0].length);
}

function lineBreak(text: string, at: number): number {
  if (text.charCodeAt(at) === 10) return at + 1;
  return text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10 ? at + 2 : -1;
}

function hexPair(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at));
  const low = hexDigit(text.charCodeAt(at + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

function isWord(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    code === 95 ||
    code === 45 ||
    code === 46
  );
}
