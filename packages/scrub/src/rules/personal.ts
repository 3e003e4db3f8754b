import { isPublicIpv4, isPublicIpv6 } from "./public-address.ts";
import { SERVICE_ACCOUNTS } from "./service-accounts.ts";
import { RANK, type Rule, type Span } from "../engine/rule.ts";
import { isAlnum, isAlpha, isDigit, isHex } from "../text/characters.ts";

/** Personal data: e-mail, addresses of machines, home folders. */
export const PERSONAL: readonly Rule[] = [
  {
    name: "email",
    type: "EMAIL",
    rank: RANK.personal,
    keywords: ["@", "%40"],
    // A name of a host, and its first dot.
    guard(text, _start, end) {
      let at = end;
      while (at < end + 64 && isDomainChar(text.charCodeAt(at))) at++;
      return at > end && (at === end + 64 || text.charCodeAt(at) === 46);
    },
    find: findEmail,
    example: () => "mail from <jane.doe" + "@" + "example.com> bounced",
  },
  {
    name: "ipv4",
    type: "IP",
    rank: RANK.personal,
    keywords: ["0."],
    // One more octet and its dot, so only the first two octets are looked at.
    guard(text, _start, end) {
      let at = end;
      while (at < end + 3 && isDigit(text.charCodeAt(at))) at++;
      return at > end && text.charCodeAt(at) === 46 && isDigit(text.charCodeAt(at + 1));
    },
    find: findIpv4,
    example: () => "connect 93.184.216.34:443 through 10.0.0.5, Chrome/120.0.0.0, v1.2.3.4",
  },
  {
    name: "ipv6",
    type: "IP",
    rank: RANK.personal,
    keywords: [..."0abcdef"].map((digit) => digit + ":").concat("::"),
    // The first colon of an address decides: behind it stand another one, or two groups with theirs. No time of day has that.
    guard(text, start, end) {
      if (text.charCodeAt(end) === 58) return text.charCodeAt(start) !== 58 && text.charCodeAt(end + 1) !== 58;
      const second = afterGroup(text, end);
      if (text.charCodeAt(start) === 58) return second > end;
      return (
        text.charCodeAt(second) === 58 &&
        second > end &&
        (text.charCodeAt(second + 1) === 58 || text.charCodeAt(afterGroup(text, second + 1)) === 58)
      );
    },
    find: findIpv6,
    findsWhole: true,
    // Its groups are taken apart, at its first colon.
    price: (text, start) => (isLaterColon(text, start, 0) ? 1 / 4 : 3),
    example: () => "from 2a00:1450:4001::8a2e:370:7334 via std::vector",
  },
  {
    name: "home-path",
    type: "USER",
    rank: RANK.personal,
    keywords: ["/home/", "/users/", "\\home\\", "\\users\\", "%2fhome%2f", "%2fusers%2f"],
    find: findHome,
    example: () => "at /home/jane/app/x.js and C:\\Users\\Jane\\x.js",
  },
];

const FILE_ENDINGS = new Set(
  "png jpg jpeg gif svg webp ico js ts tsx jsx mjs cjs css scss json html htm map py rb go rs java php yml yaml toml lock md txt sh so dll exe zip gz tgz service timer socket mount slice target bundle jsbundle hbc wasm vue svelte".split(
    " ",
  ),
);

function findEmail(text: string, start: number, end: number, lo: number, hi: number): Span | null {
  let from = start;
  while (from > lo && start - from < 64 && isLocalPart(text.charCodeAt(from - 1))) from--;
  // "%40" in front would make "=" look like part of the name.
  while (from < start && !isNameStart(text.charCodeAt(from))) from++;
  if (from === start || text.charCodeAt(start - 1) === 46) return null;
  if (start - from === 3 && text.startsWith("git", from)) return null;
  if (belongsToUrl(text, from, lo)) return null;

  let labels = 0;
  let lastLabel = end;
  let to = end;
  let at = end;
  const limit = Math.min(hi, end + 255);
  for (; at <= limit; at++) {
    const code = at < limit ? text.charCodeAt(at) : 0;
    if (code === 46 || !isDomainChar(code)) {
      if (at === lastLabel) break;
      labels++;
      if (labels > 1 && isTopLevel(text, lastLabel, at)) to = at;
      if (code !== 46) break;
      lastLabel = at + 1;
    }
  }
  if (to === end || isFrame(text, lastLabel, at, hi) || NOBODY.test(text.slice(from, start))) return null;
  return { start: from, end: to, open: false };
}

/** Mailboxes that nobody reads, and that therefore name nobody. */
const NOBODY = /^(?:no|do[-_.]?not|dont)[-_.]?reply$|^mailer-daemon$/i;

/** `value@index.android.bundle:12:1917`: function, file, line and column of a stack frame. */
function isFrame(text: string, lastLabel: number, at: number, hi: number): boolean {
  const place = /^:\d{1,7}(:\d{1,7})?(?!\d)/.exec(text.slice(at, Math.min(hi, at + 18)));
  return place !== null && (place[1] !== undefined || FILE_ENDINGS.has(text.slice(lastLabel, at).toLowerCase()));
}

function isTopLevel(text: string, from: number, to: number): boolean {
  const label = text.slice(from, to).toLowerCase();
  return (
    label.length >= 2 && label.length <= 24 && /^(?:xn--[a-z0-9-]+|\p{L}+)$/u.test(label) && !FILE_ENDINGS.has(label)
  );
}

function isLocalPart(code: number): boolean {
  return (
    isAlnum(code) || code === 46 || code === 95 || code === 43 || code === 45 || code === 37 || isOtherLetter(code)
  );
}

function isNameStart(code: number): boolean {
  return isAlnum(code) || code === 95 || isOtherLetter(code);
}

function isDomainChar(code: number): boolean {
  return isAlnum(code) || code === 45 || isOtherLetter(code);
}

function isOtherLetter(code: number): boolean {
  return code > 127 && /\p{L}/u.test(String.fromCharCode(code));
}

/** `user:pass@host` behind `://` is the business of the URL rule, which keeps the host readable. */
function belongsToUrl(text: string, from: number, lo: number): boolean {
  for (let at = from - 1; at >= lo; at--) {
    const code = text.charCodeAt(at);
    if (code === 47) return at > lo && text.charCodeAt(at - 1) === 47;
    if (code <= 32 || code === 34 || code === 39 || code === 60 || code === 62 || code === 63 || code === 61)
      return false;
  }
  return false;
}

function findIpv4(text: string, start: number, _end: number, lo: number, hi: number): Span | null {
  // `start` is the last digit of some octet; only the first octet goes on.
  let from = start;
  while (from > lo && start - from < 3 && isDigit(text.charCodeAt(from - 1))) from--;
  if (from > lo) {
    const before = text.charCodeAt(from - 1);
    if (isAlnum(before) || before === 46 || before === 95) return null;
    if (before === 64 || before === 94 || before === 126) return null;
  }
  let at = from;
  let zeros = 0;
  for (let octet = 0; octet < 4; octet++) {
    let value = 0;
    const first = at;
    while (at < hi && at - first < 4 && isDigit(text.charCodeAt(at))) value = value * 10 + text.charCodeAt(at++) - 48;
    if (at === first || at - first > 3 || value > 255) return null;
    // `1.2.3.04` is a version or a date.
    if (at - first > 1 && text.charCodeAt(first) === 48) return null;
    if (octet > 0 && value === 0) zeros++;
    if (octet < 3) {
      if (text.charCodeAt(at) !== 46 || at >= hi) return null;
      at++;
    }
  }
  if (at < hi) {
    const after = text.charCodeAt(at);
    if (isAlnum(after) || after === 95) return null;
    if ((after === 45 || after === 43) && at + 1 < hi && isAlpha(text.charCodeAt(at + 1))) return null;
    if (after === 46 && at + 1 < hi && isDigit(text.charCodeAt(at + 1))) return null;
  }
  // N.0.0.0 is a browser's version far more often than a host; loopback and masks name nobody.
  if (zeros === 3) return null;
  const address = text.slice(from, at);
  if (address.startsWith("127.") || address.startsWith("255.255.")) return null;
  if (isVersionContext(text.slice(Math.max(lo, from - 32), from))) return null;
  const span: Span = { start: from, end: at, open: false };
  if (isPackageVersion(text, from, at, lo)) return { ...span, strictOnly: true };
  if (REVISION.test(text.slice(at, Math.min(hi, at + 48)))) return { ...span, strictOnly: true };
  return isPublicIpv4(address) || isNamedAddress(text, from, lo) ? span : { ...span, strictOnly: true };
}

/** `2.6.2.2-1.1 amd64`, `-3.el9.x86_64`, `-1ubuntu2`: the packager's own number, and for which machine. */
const REVISION =
  /^-\d{1,3}(?:\.\d{1,3}){0,2}(?:(?:[+~.]?[a-z][\w+~.]{0,24})|[ \t]{1,4}(?:all|any|noarch|amd64|arm64|armhf|i[36]86|x86_64|aarch64|ppc64el|s390x|riscv64)\b)/;

/** `ip_address: '10.0.0.5'` says that somebody's address stands here, as the same key of an object does. */
function isNamedAddress(text: string, from: number, lo: number): boolean {
  return /(?:ip[_-]?addr(?:ess)?|remote[_-]?addr|client[_-]?ip|user[_-]?ip|x-forwarded-for|x-real-ip)["']?[ \t]{0,3}[:=][ \t]{0,3}["']?$/i.test(
    text.slice(Math.max(lo, from - 32), from),
  );
}

/**
 * `actionpack (6.0.3.4)`, `lib-2.10.0.1`, `installing rails 6.0.3.4`: four small numbers behind the name of a
 * package. Of addresses one in seven hundred has no part above 49.
 */
function isPackageVersion(text: string, from: number, to: number, lo: number): boolean {
  if (
    text
      .slice(from, to)
      .split(".")
      .some((part) => Number(part) > 49)
  )
    return false;
  const before = text.slice(Math.max(lo, from - 48), from);
  if (
    /(?:host|ip|addr\w{0,6}|server|peer|client|from|dns|gateway|ping|node|remote|resolver)[ (:=@_-]{1,3}$/i.test(before)
  )
    return false;
  return (
    (/(?:^|[\s"'`])[a-z][a-z0-9_-]{1,40} \($/.test(before) && text.charCodeAt(to) === 41) ||
    /[A-Za-z][-@_]v?$/.test(before) ||
    /(?:using|install(?:ed|ing)|fetched|fetching|upgrad(?:ed|ing)|unpacking|gem|package|require[sd]?|setting up) [a-z][a-z0-9_.-]{1,40} $/i.test(
      before,
    )
  );
}

/** `release 1.2.3.4`, `version: "1.2.3.4`, `Chrome/1.2.3.4`, `>=1.2.3.4` */
function isVersionContext(before: string): boolean {
  return (
    /(?:\b|_)(?:v|ver|version|release|rev|revision|build|firmware|driver|sdk|runtime|engine|section|chapter|(?:upgrade[ds]?|update[ds]?|patch(?:ed)?|bump(?:ed)?|downgraded?)(?: [\w./@-]{1,20}){0,2} to|kernel)["']?[ \t]{0,3}[:=]{0,2}[ \t]{0,3}["']?$/i.test(
      before,
    ) ||
    /(?:^|[\s("';,])[A-Za-z][A-Za-z._-]{1,24}\/$/.test(before) ||
    /[<>=~^]=[ \t]?$/.test(before)
  );
}

function findIpv6(text: string, start: number, _end: number, lo: number, hi: number): Span | null {
  // At each of its colons the same would be found; dumps of bytes hold hundreds of them.
  if (isLaterColon(text, start, lo)) return null;
  let from = start;
  while (from > lo && start - from < 40 && isAddressChar(text.charCodeAt(from - 1))) from--;
  // A time of day is no address, and far more frequent.
  if (isTime(text, from, lo, hi)) return null;
  // Only the first keyword of an address decides, the others would find the same.
  if (from > lo && (isAlnum(text.charCodeAt(from - 1)) || text.charCodeAt(from - 1) === 95)) return null;
  let at = start;
  while (at < hi && at - from < 46 && isAddressChar(text.charCodeAt(at))) at++;
  if (at < hi && (isAlnum(text.charCodeAt(at)) || text.charCodeAt(at) === 95)) return null;
  // Punctuation of the sentence around it.
  while (
    at > from &&
    (text.charCodeAt(at - 1) === 46 || (text.charCodeAt(at - 1) === 58 && text.charCodeAt(at - 2) !== 58))
  )
    at--;
  while (
    from < at &&
    (text.charCodeAt(from) === 46 || (text.charCodeAt(from) === 58 && text.charCodeAt(from + 1) !== 58))
  )
    from++;
  const span = text.slice(from, at);
  if (!isIpv6(span)) return null;
  const found: Span = { start: from, end: at, open: false };
  return isPublicIpv6(span) || isNamedAddress(text, from, lo) ? found : { ...found, strictOnly: true };
}

/** One group and another colon stand in front of this one, in the same piece. */
function isLaterColon(text: string, start: number, lo: number): boolean {
  if (text.charCodeAt(start) === 58) return false;
  let at = start;
  while (at > lo && start - at < 4 && isHex(text.charCodeAt(at - 1))) at--;
  return at - 1 > lo && text.charCodeAt(at - 1) === 58 && isHex(text.charCodeAt(at - 2));
}

function afterGroup(text: string, at: number): number {
  let to = at;
  while (to < at + 4 && isHex(text.charCodeAt(to))) to++;
  return to;
}

/** `08:15:30`, and what stands around it in log lines. */
function isTime(text: string, from: number, lo: number, hi: number): boolean {
  if (from > lo && (text.charCodeAt(from - 1) | 32) === 116) return true; // 2026-11-21T08:15:30
  return (
    from + 8 <= hi &&
    text.charCodeAt(from + 2) === 58 &&
    text.charCodeAt(from + 5) === 58 &&
    text.charCodeAt(from + 6) < 54 &&
    !(from + 8 < hi && (isHex(text.charCodeAt(from + 8)) || text.charCodeAt(from + 8) === 58))
  );
}

function isAddressChar(code: number): boolean {
  return isHex(code) || code === 58 || code === 46;
}

function isIpv6(span: string): boolean {
  // Times of day and names of C++ are most of what stands between colons.
  if (span.includes("::") ? !/^f|\d/i.test(span) : countOf(span, ":") < 6) return false;
  const gap = span.indexOf("::");
  let count = 0;
  for (let at = 0; at < span.length;) {
    const to = groupEnd(span, at);
    if (to > at) {
      if (span.charCodeAt(to) !== 46) {
        if (to - at > 4) return false;
        count++;
        at = to;
      } else {
        // The last two groups as an address of four.
        if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(span.slice(at))) return false;
        count += 2;
        break;
      }
    } else if (at !== gap) return false;
    if (at === gap) at += 2;
    else if (at < span.length && span.charCodeAt(at) === 58 && at + 1 < span.length) at++;
    else if (at < span.length) return false;
  }
  if (gap < 0) return count === 8;
  if (count > 7 || count === 0 || span === "::1") return false;
  // `a::b` is code; addresses in use begin with 2…, 3…, f…, 64:ff9b or have more groups.
  if (count >= 3) return /\d/.test(span);
  return /^(?:[23][0-9a-f]{3}|f[cde][0-9a-f]{2}|ff[0-9a-f]{2}|64):/i.test(span) || /^::(?:ffff:)?\d{1,3}\./i.test(span);
}

function groupEnd(span: string, at: number): number {
  while (at < span.length && isHex(span.charCodeAt(at))) at++;
  return at;
}

function countOf(text: string, char: string): number {
  let count = 0;
  for (let at = text.indexOf(char); at >= 0; at = text.indexOf(char, at + 1)) count++;
  return count;
}

function findHome(text: string, start: number, end: number, lo: number, hi: number): Span | null {
  const opening = text.charCodeAt(start);
  const windows = opening === 92;
  const mac = /users/i.test(text.slice(start, end));
  let before = start - 1;
  if (windows && before >= lo && text.charCodeAt(before) === 92) before--;
  const drive = before - 1 >= lo && text.charCodeAt(before) === 58 && isAlpha(text.charCodeAt(before - 1));
  // `/users/7` is a route; a Mac writes the capital, Windows the drive. And `x.com/home/page` is a page.
  if (mac && !drive && !windows && !/Users/.test(text.slice(start, end))) return null;
  if (!windows && !drive && before >= lo && (isAlnum(text.charCodeAt(before)) || "._-".includes(text[before]!)))
    return null;
  let from = end;
  if (windows && from < hi && text.charCodeAt(from) === 92) from++;
  let to = from;
  const limit = Math.min(hi, from + 64);
  while (to < limit && isUserChar(text.charCodeAt(to))) to++;
  // "C:\Users\Jane Doe\x": a blank belongs to the name when the path goes on behind it.
  if ((windows || drive) && to < limit && text.charCodeAt(to) === 32) {
    // oxlint-disable-next-line no-control-regex
    const more = /^[^\\/:*?"<>|\0-\x1f]{1,40}(?=[\\/])/.exec(text.slice(to, limit));
    if (more !== null) to += more[0].length;
  }
  if (opening === 37) {
    const cut = text.slice(from, to).search(/%2f/i);
    if (cut >= 0) to = from + cut;
  }
  while (to > from && ".,".includes(text[to - 1]!)) to--;
  if (to === from || /^(?:public|shared|default|\..*|\.+|\*+|<.*|\$.*)$/i.test(text.slice(from, to))) return null;
  const span: Span = { start: from, end: to, open: false };
  return SERVICE_ACCOUNTS.has(text.slice(from, to).toLowerCase()) ? { ...span, strictOnly: true } : span;
}

function isUserChar(code: number): boolean {
  // Not: blank and control, " ' ( ) * , / : ; < > ? \ ` |
  return (
    code > 32 &&
    code !== 34 &&
    code !== 39 &&
    code !== 40 &&
    code !== 41 &&
    code !== 42 &&
    code !== 44 &&
    code !== 47 &&
    code !== 58 &&
    code !== 59 &&
    code !== 60 &&
    code !== 62 &&
    code !== 63 &&
    code !== 92 &&
    code !== 96 &&
    code !== 124 &&
    code !== 91 &&
    code !== 93
  );
}
