import { isAlnum, RANK, type Rule, type Span } from "./rule.ts";
import { classifyKey, isFolder, type SecretKey } from "./secret-key.ts";

/**
 * Secrets by what stands in front of them: `password=…`, `"api_key": "…"`, `Cookie: …`,
 * `?token=…`, `--password …`, `setExtra('password','…')`. The key goes through the same
 * classification as keys of objects, so text and structure agree.
 */
export const KEY_VALUE: Rule = {
  name: "key-value",
  type: "SECRET",
  version: 1,
  rank: RANK.context,
  keywords: [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "passwort",
    "pwd",
    "pass=",
    "pass:",
    'pass"',
    "_pass",
    "_pw",
    "-pw",
    "secret",
    "token",
    "api_key",
    "api-key",
    "apikey",
    "api key",
    "app_key",
    "app-key",
    "appkey",
    "auth_key",
    "authkey",
    "auth-key",
    "iam_key",
    "iam-key",
    "access_key",
    "access-key",
    "accesskey",
    "private_key",
    "private-key",
    "privatekey",
    "secretkey",
    "account_key",
    "accountkey",
    "authorization",
    "cookie",
    "session",
    "sessid",
    "csrf",
    "xsrf",
    "credential",
    "signature",
    "sig=",
    "sid=",
    "jwt",
    "dsn",
    "connectionstring",
    "connection_string",
    "encryption_key",
    "encryptionkey",
    "signing_key",
    "master_key",
    "storage_key",
    "shared_key",
    "service_key",
    "license_key",
    "totp",
    "otp=",
  ],
  find: findValue,
  tail: (code) => code > 32 && code !== 34 && code !== 39 && code !== 96,
  example: () => "login failed for user bob password=" + "hunter2" + " retry=3",
};

function findValue(text: string, start: number, end: number, lo: number, hi: number): Span | null {
  let keyStart = start;
  while (keyStart > lo && start - keyStart < 48 && isKeyChar(text.charCodeAt(keyStart - 1))) keyStart--;
  let keyEnd = isKeyChar(text.charCodeAt(end - 1)) ? end : end - 1;
  while (keyEnd < hi && keyEnd - end < 48 && isKeyChar(text.charCodeAt(keyEnd))) keyEnd++;

  // Separator first: most hits are words of prose and end here.
  let at = keyEnd;
  let quoted = false;
  while (at < hi && text.charCodeAt(at) === 92 && at - keyEnd < 7) at++;
  if (at < hi && isQuote(text.charCodeAt(at))) {
    quoted = true;
    at++;
    if (at < hi && text.charCodeAt(at) === 93) at++;
  } else if (at !== keyEnd) return null;
  const beforeSpace = at;
  at = skipSpace(text, at, hi);
  // `<password>…</password>`
  const isTag = text.charCodeAt(keyStart - 1) === 60 && keyStart > lo && text.charCodeAt(at) === 62 && at < hi;
  const separator = isTag ? ">" : separatorAt(text, at, hi);
  const isFlag = text.charCodeAt(keyStart) === 45 && at > beforeSpace;
  if (separator === null && !isFlag) return null;
  if (separator === "," && !(quoted && isCallOrPair(text, keyStart, lo))) return null;

  const key = classifyKey(text.slice(keyStart, keyEnd).replace(/^-+/, ""));
  if (key === null) return null;
  if (separator !== null) at = skipSpace(text, at + separator.length, hi);
  const tight = separator !== null && at === beforeSpace + separator.length;
  if (at >= hi) return null;

  const span =
    quotedValue(text, at, hi, key, separator) ??
    (separator === "," || separator === "==" ? null : bareValue(text, at, hi, key, separator, tight));
  return span === null || span.end <= span.start ? null : { ...span, type: key.type };
}

function separatorAt(text: string, at: number, hi: number): string | null {
  if (at >= hi) return null;
  const two = text.slice(at, Math.min(hi, at + 3));
  for (const known of ["===", "!==", "%3D", "%3d", "=>", ":=", "==", "!=", "=", ":", ","]) {
    if (two.startsWith(known))
      return known.startsWith("!") || known === "==="
        ? two.startsWith("=") || two.startsWith("!")
          ? null
          : known
        : known;
  }
  return null;
}

/** `('password', 'x')` and `["password", "x"]` name a value; a list of words does not. */
function isCallOrPair(text: string, keyStart: number, lo: number): boolean {
  let at = keyStart - 1;
  while (at >= lo && (isQuote(text.charCodeAt(at)) || text.charCodeAt(at) === 92)) at--;
  return at >= lo && at < keyStart - 1 && (text.charCodeAt(at) === 40 || text.charCodeAt(at) === 91);
}

function quotedValue(
  text: string,
  at: number,
  hi: number,
  key: SecretKey,
  separator: string | null,
): Omit<Span, "type"> | null {
  let open = at;
  // A list around one value: `"authorization": ["Bearer …"]`.
  if (text.charCodeAt(open) === 91 && separator !== ",") open = skipSpace(text, open + 1, hi);
  // Python's b"", r"", f"" and C#'s @"".
  if (open + 1 < hi && "brfu@".includes(text[open]!) && isQuote(text.charCodeAt(open + 1))) open++;
  let slashes = 0;
  while (open < hi && text.charCodeAt(open) === 92 && slashes < 7) {
    slashes++;
    open++;
  }
  if (open >= hi || !isQuote(text.charCodeAt(open))) return null;
  const quote = text.charCodeAt(open);
  const from = open + 1;
  let to = from;
  for (; to < hi; to++) {
    const code = text.charCodeAt(to);
    if (code === 10 || code === 13) break;
    if (code !== quote) continue;
    let escapes = 0;
    while (to - escapes - 1 >= from && text.charCodeAt(to - escapes - 1) === 92) escapes++;
    if (slashes === 0 ? escapes % 2 === 0 : escapes >= slashes) {
      if (slashes > 0) to -= escapes;
      break;
    }
  }
  if (separator === ",") {
    // Only a pair: more elements would make it a list of names.
    const rest = text.slice(to, Math.min(hi, to + 12));
    if (!/^[\\"'`]{1,8}\s?[)\]]/.test(rest)) return null;
  }
  const value = text.slice(from, to);
  if (value === "" || isHarmless(value) || isFolder(key, value)) return null;
  if (key.type === "COOKIE" && !value.includes("=") && /^[\w-]{0,12}$/.test(value) && !/\d/.test(value)) return null;
  return { start: from, end: to, open: to >= hi };
}

function bareValue(
  text: string,
  at: number,
  hi: number,
  key: SecretKey,
  separator: string | null,
  tight: boolean,
): Omit<Span, "type"> | null {
  if (separator === ":" || separator === "=") {
    const header = headerValue(text, at, hi, key);
    if (header !== undefined) return header;
  }
  let to = at;
  for (; to < hi; to++) {
    const code = text.charCodeAt(to);
    if (code <= 32 || isQuote(code) || code === 38 || code === 59 || code === 60 || code === 62 || code === 124) break;
    if (code === 92 && to + 1 < hi && "\"'nrt".includes(text[to + 1]!)) break;
    if ((code === 41 || code === 93 || code === 125) && endsHere(text, to + 1, hi)) break;
    if (
      code === 44 &&
      (endsHere(text, to + 1, hi) || /^,["']?[\w.-]{1,40}["']?[=:]/.test(text.slice(to, Math.min(hi, to + 48))))
    )
      break;
  }
  let end = to;
  while (end > at && (text.charCodeAt(end - 1) === 46 || text.charCodeAt(end - 1) === 44)) end--;
  const value = text.slice(at, end);
  if (value === "" || isHarmless(value) || isFolder(key, value) || isCode(value, tight, text.charCodeAt(to)))
    return null;
  if (!key.strong && !looksSecret(value, separator, tight)) return null;
  if (key.strong && separator === null && value.startsWith("-")) return null;
  if (!key.isPassword && /^\d{1,5}$/.test(value)) return null;
  return { start: at, end: to >= hi ? to : end, open: to >= hi };
}

/** Undefined: not a header's value. Null: a header's value, but nothing secret in it. */
function headerValue(text: string, at: number, hi: number, key: SecretKey): Omit<Span, "type"> | null | undefined {
  if (key.type === "COOKIE") {
    const window = text.slice(at, hi);
    if (!/^[^=;\s"'`()]{1,80}=[^=>]/.test(window)) return undefined;
    // A cookie's value may stand in quotes of its own.
    const length = /^(?:="[^"\r\n]{0,200}"|[^\r\n"'`\\]|\\(?![rn"'`]))*/.exec(window)![0].length;
    return { start: at, end: at + length, open: length === window.length };
  }
  if (key.type !== "AUTHORIZATION") return undefined;
  const window = text.slice(at, hi);
  const scheme =
    /^(?:bearer|basic|token|apikey|api-key|negotiate|ntlm|digest|hawk|oauth|signature|splunk|dsn|AWS4-HMAC-SHA256)[ \t]{1,4}/i.exec(
      window,
    );
  if (scheme === null) return undefined;
  const wholeLine = /^(?:digest|hawk|oauth|signature|aws)/i.test(scheme[0]);
  const rest = window.slice(scheme[0].length);
  const length = wholeLine ? rest.search(/[\r\n]|\\[rn]/) : rest.search(/[\s"'`,;<>]|\\[rn"']/);
  const start = at + scheme[0].length;
  const value = length < 0 ? rest : rest.slice(0, length);
  if (isHarmless(value) || /^[a-z]{1,15}$/.test(value)) return null;
  return length < 0 ? { start, end: hi, open: true } : { start, end: start + length, open: false };
}

const HARMLESS = new Set(
  "true false null none nil undefined nan yes no on off string str number int integer bool boolean bytes byte any unknown object array never void required optional missing invalid valid expired empty blank default redacted hidden masked filtered removed changed reset updated incorrect wrong failed failure ok error denied rejected mismatch not is was the a an and or must should cannot can to for from with in of has n/a - -- ? * \\ . ... … [filtered] [redacted] ***".split(
    " ",
  ),
);

/** Words that say nothing, masks, and places where a value would be filled in. */
export function isHarmless(value: string): boolean {
  if (value.length > 64 && !value.startsWith("$")) return false;
  if (HARMLESS.has(value.toLowerCase())) return true;
  if (/^[*x•.#_-]{1,64}$/i.test(value)) return true;
  if (
    /^(?:\$\{[^}]{0,60}\}|\$\([^)]{0,60}\)|\$[A-Za-z_]\w{0,60}|\{\{[^}]{0,60}\}\}|\{\w{0,60}\}|%\(\w{1,40}\)s|%[sdr@]|<[^<>]{0,60}>|:\w{1,40}|\?)$/.test(
      value,
    )
  )
    return true;
  return value === "[cut: too deep]";
}

const CODE_ROOTS =
  /^(?:this|self|cls|process|req|request|res|response|ctx|context|config|cfg|conf|env|os|options|opts|props|state|settings|params|args|argv|body|user|data|event|document|window|module|exports|secrets|vars|await|new|function|async|typeof|crypto|import|require|core|std)\b/;

/** Source code stands where a value would: a call, a property, a variable, a type. */
function isCode(value: string, tight: boolean, after: number): boolean {
  if (/^[[{(]/.test(value)) return true;
  if (/^[A-Za-z_$][\w$]{0,60}(?:[.?!]{1,3}[A-Za-z_$][\w$]{0,60}){0,5}\(/.test(value)) return true;
  if (CODE_ROOTS.test(value) && /^\w+(?:[.?[]|$)/.test(value)) return true;
  const identifier = /^[A-Za-z_$][\w$]{0,60}$/.test(value);
  if (identifier && !/\d/.test(value) && classifyKey(value) !== null) return true;
  // `const password = input;` is code, `password = input` may be a file of settings.
  return identifier && !tight && !/\d/.test(value) && (after === 59 || after === 41 || after === 44 || after === 125);
}

/** A weak key (`token`, `session`) needs a value that looks like one, unless it stands tight: `token=abcdef`. */
function looksSecret(value: string, separator: string | null, tight: boolean): boolean {
  if (value.length < 4 || /^\d{1,5}$/.test(value)) return false;
  if (tight && (separator === "=" || separator === "%3D" || separator === "%3d")) return true;
  return (/\d/.test(value) && value.length >= 6) || value.length >= 24;
}

function endsHere(text: string, at: number, hi: number): boolean {
  if (at >= hi) return true;
  const code = text.charCodeAt(at);
  return (
    code <= 32 ||
    isQuote(code) ||
    code === 41 ||
    code === 93 ||
    code === 125 ||
    code === 59 ||
    code === 44 ||
    code === 46
  );
}

function skipSpace(text: string, at: number, hi: number): number {
  const limit = Math.min(hi, at + 8);
  while (at < limit && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at++;
  return at;
}

function isKeyChar(code: number): boolean {
  return isAlnum(code) || code === 95 || code === 45 || code === 46;
}

function isQuote(code: number): boolean {
  return code === 34 || code === 39 || code === 96;
}
