import { isTemplateUserinfo } from "../keys/template-userinfo.ts";
import { RANK, tokenRule, type Rule, type Span } from "../engine/rule.ts";
import { isAlnum, isDigit, isTokenChar, startsWord } from "../text/characters.ts";

/** Credentials that belong to no vendor: JWT, HTTP schemes, URLs, bot tokens. */
export const CREDENTIALS: readonly Rule[] = [
  {
    name: "jwt",
    type: "JWT",
    rank: RANK.token,
    keywords: ["eyj"],
    find(text, start, end, lo, hi) {
      if (!text.startsWith("eyJ", start) || !startsWord(text, start, lo)) return null;
      let at = end;
      let dots = 0;
      let firstDot = 0;
      for (; at < hi; at++) {
        const code = text.charCodeAt(at);
        if (code === 46) {
          if (dots++ === 0) firstDot = at;
        } else if (!isAlnum(code) && code !== 45 && code !== 95 && code !== 61) break;
      }
      if (dots === 0 || firstDot - start < 10 || at - firstDot < 3) return null;
      if (!isJoseHeader(text.slice(start, firstDot))) return null;
      return { start, end: at, open: at >= hi };
    },
    tail: isTokenChar,
    example: () => "eyJ" + "hbGciOiJIUzI1NiJ9" + ".eyJ" + "zdWIiOiIxIn0." + "aB3_".repeat(8),
  },
  {
    name: "bearer",
    type: "BEARER_TOKEN",
    rank: RANK.context,
    keywords: ["bearer ", "bearer%20", "bearer+"],
    find(text, start, end, lo, hi) {
      if (!startsWord(text, start, lo)) return null;
      const token = /^ {0,4}([A-Za-z0-9._~+/=|:%-]{6,})/.exec(text.slice(end, hi));
      if (token === null) return null;
      const value = token[1]!;
      // "Bearer authentication failed" is prose, "Bearer abc.def.ghi" is not.
      if (!/[0-9_~+/=|]|[a-z][A-Z]|\w[.]\w/.test(value) && value.length < 24) return null;
      // What a server asks for: `Bearer realm="api", error="invalid_token"` (RFC 6750, section 3).
      const next = text.charCodeAt(end + token[0].length);
      if (/^[a-z_]{2,40}=$/.test(value) && (next === 34 || next === 39 || next === 92)) return null;
      const from = end + token[0].length - value.length;
      const trimmed = value.replace(/[.:]{1,3}$/, "");
      return { start: from, end: from + trimmed.length, open: from + value.length >= hi };
    },
    tail: isTokenChar,
    example: () => "Authorization sent was Bearer " + "abc.def.ghi",
  },
  {
    name: "basic-auth",
    type: "BASIC_AUTH",
    rank: RANK.context,
    keywords: ["basic ", "basic%20"],
    find(text, start, end, lo, hi) {
      if (!startsWord(text, start, lo)) return null;
      const token = /^ {0,4}([A-Za-z0-9+/_-]{6,380}={0,2})/.exec(text.slice(end, hi));
      if (token === null || !holdsUserAndPassword(token[1]!)) return null;
      const stop = end + token[0].length;
      return { start: stop - token[1]!.length, end: stop, open: stop >= hi };
    },
    tail: isTokenChar,
    example: () => "sent Basic " + btoa("bob:" + "hunter2") + " to it",
  },
  {
    name: "url-credentials",
    type: "URL_CREDENTIALS",
    rank: RANK.context,
    keywords: ["://", "%3a%2f%2f", ":\\/\\/"],
    find: findUserinfo,
    example: () => "postgres://app:" + "hunter2" + "@db.internal/shop",
  },
  {
    // Go's drivers of MySQL: `user:password@tcp(host:port)/database`.
    name: "go-data-source",
    type: "URL_CREDENTIALS",
    rank: RANK.context,
    keywords: ["@tcp(", "@unix(", "@tcp4(", "@tcp6("],
    find(text, start, _end, lo) {
      const before = /(?:^|[\s"'`=(,;])([\w.-]{1,64}:[^\s"'`]{1,100})$/.exec(text.slice(lo, start));
      if (before === null || isTemplateUserinfo(before[1]!)) return null;
      return { start: start - before[1]!.length, end: start, open: false };
    },
    example: () => "dial app:" + "hunter2" + "@tcp(db.internal:3306)/shop",
  },
  {
    name: "telegram-token",
    type: "TELEGRAM_TOKEN",
    rank: RANK.token,
    keywords: [":aa"],
    find(text, start, _end, lo, hi) {
      let from = start;
      while (from > lo && start - from <= 10 && isDigit(text.charCodeAt(from - 1))) from--;
      if (start - from < 8 || start - from > 10) return null;
      // In URLs the token stands behind "/bot".
      const before = text.slice(Math.max(lo, from - 3), from);
      if (before !== "bot" && !startsWord(text, from, lo)) return null;
      const match = /^:AA[A-Za-z0-9_-]{32,35}/.exec(text.slice(start, Math.min(hi, start + 64)));
      return match === null ? null : { start: from, end: start + match[0].length, open: false };
    },
    example: () => "https://api.telegram.org/bot123456789:" + "AA" + "aB3_".repeat(8) + "x/getMe",
  },
  discordToken(),
];

function discordToken(): Rule {
  // A bot token begins with the base64 of a snowflake, that is of decimal digits.
  const rule = tokenRule({
    name: "discord-token",
    type: "DISCORD_TOKEN",
    keywords: ["mt", "mj", "mz", "nd", "nt", "nj", "nz", "od", "ot"],
    // A snowflake of 18 or 19 digits, a time, and a signature of 27 or 38 characters.
    pattern: /[MNO][A-Za-z0-9]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}/y,
    example: () => "MTAyOTQ4MTN5OTU5MTDwMEcxNg" + ".GSwJyi." + "aB3_".repeat(9),
  });
  return {
    ...rule,
    guard(text, start) {
      const first = text.charCodeAt(start);
      if (first !== 77 && first !== 78 && first !== 79) return false;
      for (let at = start + 23; at <= start + 28; at++) if (text.charCodeAt(at) === 46) return true;
      return false;
    },
  };
}

/** A header is a JSON object that names its algorithm or type (RFC 7515, section 4.1); a payload alone is none. */
function isJoseHeader(base64: string): boolean {
  if (!/^[A-Za-z0-9_-]{8,}$/.test(base64) || base64.length % 4 === 1) return false;
  const json = atob(base64.replaceAll("-", "+").replaceAll("_", "/"));
  if (!/"(?:alg|typ|enc|kid|cty)"/.test(json)) return false;
  try {
    return typeof JSON.parse(json) === "object";
  } catch {
    return false;
  }
}

function holdsUserAndPassword(base64: string): boolean {
  const body = base64.replace(/=+$/, "").replaceAll("-", "+").replaceAll("_", "/");
  if (body.length % 4 === 1) return false;
  const plain = atob(body);
  // oxlint-disable-next-line no-control-regex
  return /^[^\0-\x1f:]{0,255}:[^\0-\x1f]{0,255}$/.test(plain);
}

/** Everything between `://` and the last `@` of the authority (RFC 3986, section 3.2.1). */
function findUserinfo(text: string, start: number, end: number, lo: number, hi: number): Span | null {
  const encoded = text.charCodeAt(start) === 37;
  let at = -1;
  let colon = -1;
  let stop = end;
  for (; stop < hi; stop++) {
    const code = text.charCodeAt(stop);
    if (code === 64 || (encoded && text.startsWith("%40", stop))) at = stop;
    else if (code === 58 && colon < 0) colon = stop;
    else if (code === 47 || code === 63 || code === 35) break;
    else if (endsUrl(code) && !(colon > 0 && isTypedMark(text, stop, start, lo, hi))) break;
  }
  // An unescaped "/" or "#" in a password ends the authority too early; a port never holds other than digits.
  if (at < 0 && colon > 0 && stop < hi && !endsUrl(text.charCodeAt(stop)) && !isPort(text, colon + 1, stop)) {
    for (; stop < hi; stop++) {
      const code = text.charCodeAt(stop);
      if (code === 64) {
        at = stop;
        break;
      }
      if (endsUrl(code)) break;
    }
  }
  if (at <= end) return null;
  const user = text.slice(end, colon > end && colon < at ? colon : at);
  if ((colon < 0 || colon > at) && (user === "git" || user === "hg" || /^[$<{*]/.test(user))) return null;
  // Actors of a cluster have names in front of their hosts.
  if (
    (colon < 0 || colon > at) &&
    /(?:^|\W)(?:spark|akka(?:\.\w{2,5})?)$/.test(text.slice(Math.max(lo, start - 10), start))
  )
    return null;
  if (at - end <= 100 && isTemplateUserinfo(text.slice(end, at))) return null;
  return { start: end, end: at, open: false };
}

/**
 * A quote or bracket amid a password, which encodeURIComponent leaves as it is: nothing in front of the address
 * opened it, a character of the password follows at once, and `@` with a host in the same word.
 */
function isTypedMark(text: string, at: number, start: number, lo: number, hi: number): boolean {
  const code = text.charCodeAt(at);
  if (code <= 32) return false;
  const opening = OPENING[text[at]!];
  const scheme = /[^\s]{0,24}$/.exec(text.slice(Math.max(lo, start - 24), start))![0];
  if (opening !== undefined && scheme.includes(opening)) return false;
  return /^[^\s"'`<>(){},;:/?#@][^\s"'`<>,;/?#@]{0,60}(?:[(){}<>][^\s"'`<>,;/?#@]{1,60}){0,4}@[\w[][\w.:[\]-]{0,100}(?:[/?\s"'`<>)},;]|$)/.test(
    text.slice(at + 1, Math.min(hi, at + 200)),
  );
}

const OPENING: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "`": "`",
  "<": "<",
  ">": "<",
  ")": "(",
  "}": "{",
};

function isPort(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!isDigit(text.charCodeAt(i))) return false;
  return true;
}

function endsUrl(code: number): boolean {
  return (
    code <= 32 || code === 34 || code === 39 || code === 60 || code === 62 || code === 96 || code === 41 || code === 125
  );
}
