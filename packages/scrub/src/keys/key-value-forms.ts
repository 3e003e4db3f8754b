import { bareEnd } from "./bare-end.ts";
import { classifyKey, type SecretKey } from "./secret-key.ts";
import { isCode, isHarmless, isLabel, isMade, isRandom, isStrong } from "./value.ts";

/**
 * The ways in which a value stands away from its key. Each looks at `text` from `at` (behind the
 * key and its quote) within [at, hi) and says where the value begins, or -1.
 */

/** `password: str = "…"`, `var password string = "…"`, `String? password: String = "…"`: only literals count. */
export function typedValue(text: string, at: number, hi: number): number {
  const window = text.slice(at, Math.min(hi, at + 80));
  const match =
    /^(?:[ \t]{0,3}:[ \t]{0,3}|[ \t]{1,3})[&*]{0,2}(?:'?[a-z]{1,6} )?[A-Za-z_][\w<>[\]|&*?., ]{0,40}?[ \t]{0,3}:?=[ \t]{0,3}(?=[brfuL@]?["'`])/.exec(
      window,
    );
  return match === null || /^\s*(?:and|or|where|if|is|in)\b/i.test(match[0]) ? -1 : at + match[0].length;
}

/** `setPassword("…")`, `.token('…')`; what reads or asks (`getPassword("…")`) names no value. */
export function calledValue(text: string, keyStart: number, at: number, hi: number): number {
  // SQL may set a blank in front: PASSWORD ('…').
  if (text.charCodeAt(at) === 32 && text.charCodeAt(at + 1) === 40 && text.charCodeAt(at + 2) === 39) at++;
  // C++ sets braces: `password{"…"}`.
  if (at >= hi || (text.charCodeAt(at) !== 40 && text.charCodeAt(at) !== 123)) return -1;
  const name = text.slice(keyStart, at);
  if (
    /(?:^|[._-])(?:get|is|has|find|fetch|read|lookup|prompt|ask|check|verify|validate|hash|encrypt|decrypt|generate|create|make|load|require|test|should|reset|forgot|input|contains|remove|delete|on)(?=[A-Z_]|$)|Authentication$/.test(
      name,
    )
  )
    return -1;
  // `password.encode("utf-8")` asks something of it.
  const dot = name.lastIndexOf(".");
  if (
    dot > 0 &&
    !/^(?:set|put|push|append|with|add)$/.test(name.slice(dot + 1)) &&
    classifyKey(name.slice(dot + 1)) === null
  )
    return -1;
  let from = at + 1;
  while (from < hi && from < at + 4 && text.charCodeAt(from) === 32) from++;
  return from < hi && /["'`]/.test(text[from]!) ? from : -1;
}

/** `os.environ.get("PASSWORD") or "…"`, `process.env.X || '…'`, `getenv("X", "…")`: what holds where nothing is set. */
export function fallbackValue(text: string, at: number, hi: number): number {
  if (!/[ \t:=]/.test(text[at] ?? "")) return -1;
  const window = text.slice(at, Math.min(hi, at + 200));
  const match =
    /^[ \t]{0,3}(?::?=|:)[ \t]{0,3}(?:[A-Za-z_$][\w$.]{0,60}(?:[([][^()[\]\n]{0,60}[)\]])?[ \t]{1,3}(?:or|\|\||\?\?|\?:)[ \t]{1,3}|[A-Za-z_.]{0,40}[eE]nv[\w.]{0,12}\([ \t]?\\?["'][\w.-]{1,60}\\?["'],[ \t]?|ENV\.fetch\(["'][\w.-]{1,60}["']\)[ \t]?\{[ \t]?)(?=[brfu]?\\?["'])/.exec(
      window,
    );
  return match === null ? -1 : at + match[0].length;
}

/** YAML's `!!str value` and `&anchor value`: where the value begins; -1 where the tag says that it stands elsewhere. */
export function behindTag(text: string, at: number, hi: number): number {
  const first = text.charCodeAt(at);
  if (first !== 33 && first !== 38 && first !== 42) return at;
  const tag =
    /^(?:\*[A-Za-z_][\w-]{0,60}[ \t]{0,8}(?:\r?$|[,}])|(?:!{1,2}([\w:./-]{1,60})|&[\w-]{1,60})[ \t]{1,4}(?=\S))/m.exec(
      text.slice(at, Math.min(hi, at + 80)),
    );
  if (tag === null) return at;
  if (first === 42) return -1;
  if (
    /^(?:Ref|Sub|GetAtt|ImportValue|Join|FindInMap|Select|If|Split|env|env_var|secret|vault|var|include|file|reference|lookup)$/i.test(
      tag[1] ?? "",
    )
  )
    return -1;
  const next = at + tag[0].length;
  // Both may stand there.
  return first === 38 && text.charCodeAt(next) === 33 ? behindTag(text, next, hi) : next;
}

const WRAPPER =
  /^(?:0x[0-9a-f]{1,16} (?=")|<<(?=")|(?:Just|Some|Right|Left|Ok|Success)[ \t]{1,2}(?=\\{0,31}["'])|&(?=["'])|new[ ](?:String|Secret\w{0,10})\((?=\\{0,31}["'])|(?:Just|Some|Optional|Right|Ok|Success|Maybe|Nullable|Secret(?:Str(?:ing)?)?|Sensitive|Redacted|Hidden|Masked|NonEmptyString|ByteString|Cow::(?:Borrowed|Owned)|(?:String|Box|Rc|Arc|Secret\w{0,10})::(?:from|new))(?:\(|\[(?!REDACTED:)|\{)\s{0,4}(?=\\{0,31}["']|[^\s()[\]{}]{4,200}[)\]}]))/;

/** `Just "x"`, `Some("x")`, `Optional[x]`, `Some(Secret("x"))`, a debugger's `0x5556 "x"`: how programs print and write what may be absent. */
export function behindWrapper(text: string, at: number, hi: number): number {
  for (let depth = 0; depth < 3; depth++) {
    const first = text.charCodeAt(at);
    if (!((first >= 65 && first <= 90) || first === 38 || first === 110 || first === 48 || first === 60)) return at;
    const wrapper = WRAPPER.exec(text.slice(at, Math.min(hi, at + 260)));
    if (wrapper === null) return at;
    at += wrapper[0].length;
  }
  return at;
}

/** `name: DB_PASSWORD` and its `value:` on the next line, `"name": "…", "value": "…"`, `key="…" value="…"`, plist. */
export function namedValue(text: string, at: number, hi: number): number {
  const window = text.slice(at, Math.min(hi, at + 240));
  const match =
    /^["']?(?:\n\[1\] (?=")|:[ \t]{0,4}\r?\n(?:[ \t]{1,20}(?:Description|Type|NoEcho|M(?:in|ax)Length|AllowedPattern|ConstraintDescription):[^\n]{0,120}\n){1,6}[ \t]{1,20}Default:[ \t]{1,4}|<\/(?:key|name|Name|Key)>\s{0,40}<(?:string|value|Value)>|:?[ \t]?["'][ \t]?\)?;?\}?\s{1,40}(?:\w{1,20}\.)?send(?:line)?[ \t(]{1,3}(?:--[ \t])?(?=["'])|[ \t]{0,4}(?:,|\{(?:\s{1,40}(?:type|description|sensitive|nullable)[ \t]{0,20}=[^\n]{0,120}){0,4})?\s{0,40}["']?(?:value|val|Value|VALUE|default|defaultValue|content)["']?[ \t]{0,4}[:=][ \t]{0,4})/.exec(
      window,
    );
  return match === null ? -1 : at + match[0].length;
}

/** `find("#password").type("…")`, `fill('input[name="password"]', '…')`: what a test types into a field. */
export function typedInto(text: string, keyStart: number, at: number, lo: number, hi: number): number {
  const before = text.slice(Math.max(lo, keyStart - 40), keyStart);
  const match =
    /^["'`]?\]?\\?["'`]?(\)?(?:\.(?:send_keys|sendKeys|type|fill|setValue|set_value|set|typeText|pressSequentially)\([ ]?)|,[ ]?)(?=["'`])/.exec(
      text.slice(at, Math.min(hi, at + 40)),
    );
  if (match === null) return -1;
  if (match[1]!.startsWith(",") && !/\([ ]?["'`][^"'`()]{0,20}(?:[#.]|\b(?:name|id|type)=\\?["']?)$/.test(before))
    return -1;
  return at + match[0].length;
}

/** YAML: the value, or a block scalar, stands on the next line, deeper than its key. JSON may break there too. */
export function nextLineValue(
  text: string,
  keyStart: number,
  at: number,
  lo: number,
  hi: number,
  quoted: boolean,
): { start: number; end: number; block: boolean } | null {
  const head = /^[ \t]{0,4}[:=][ \t]{0,4}([|>][+-]?\d?)?[ \t]{0,4}\\?\r?\n([ \t]{0,80})(- )?/.exec(
    text.slice(at, Math.min(hi, at + 110)),
  );
  if (head === null) return null;
  const indent = head[2]!.length;
  let lineStart = keyStart;
  while (lineStart > lo && text.charCodeAt(lineStart - 1) !== 10) lineStart--;
  let keyIndent = 0;
  while (text.charCodeAt(lineStart + keyIndent) === 32 || text.charCodeAt(lineStart + keyIndent) === 9) keyIndent++;
  if (!quoted && (indent <= keyIndent || lineStart + keyIndent < keyStart - 8)) return null;
  const start = at + head[0].length;
  if (start >= hi) return null;
  const lineEnd = endOfLine(text, start, hi);
  const line = text.slice(start, lineEnd);
  if (line.trim() === "") return null;
  if (head[1] === undefined)
    return /^["']?[\w.-]{1,60}["']?\s{0,3}[:=](?:\s|$)/.test(line) || /^[[{]/.test(line)
      ? null
      : { start, end: start, block: false };
  // A block goes on while lines are indented at least as deep.
  let end = lineEnd;
  while (end < hi) {
    let next = end + 1;
    if (text.charCodeAt(end) === 13) next++;
    let depth = 0;
    while (next + depth < hi && text.charCodeAt(next + depth) === 32) depth++;
    if (depth < indent || next + depth >= hi) break;
    end = endOfLine(text, next, hi);
  }
  return isHarmless(line.trim()) ? null : { start, end, block: true };
}

/** `is`, `has been changed to`, `for bob is`, `for bob:`, `generated:` */
const BETWEEN = new RegExp(
  "^(?:" +
    [
      String.raw`[ \t]{1,3}(?:is |was |has been )?(?:generated|created|below|follows|assigned|given|set|reset)(?:[ \t](?:for|to|on)[ \t][^\n:="'{}(),\x60]{1,48}?)?(?=:)`,
      String.raw`[ \t]{1,3}\(?(?:is|was|are|will be|ist|lautet|war|es|est|é|è|jest|är|er|byl[oa]?|je|to)(?:[ \t](?:now|set to|changed to|reset to|still|currently))?`,
      String.raw`[ \t]{1,3}(?:has been |was |is |got )?(?:set|changed|reset|updated|rotated|switched)[ \t](?:to|as)`,
      String.raw`[ \t]{1,3}(?:for|of|to|on|at|in|from|für|von|im|de|del|da|do|du|pour|para|per|от|для|к|на|we|you|I|that|which|d'ordine)(?:(?<=')|[ \t])[^\n:="'{}(),\x60]{0,48}?(?:[ \t](?:is|was|to|ist|es|est|é)|(?=[ \t]?[:=—–]))`,
    ].join("|") +
    String.raw`)[ \t]{0,2}(?:[:=—–][ \t]{0,3}|[ \t]{1,3})(?:as[ \t])?`,
  "i",
);

/** `Invalid password for user: bob`: what follows is whose it is. */
const WHOSE =
  /^[ \t]{1,3}(?:for|of|from|by|für|de|para|pour|di)[ \t]{1,3}(?:[a-z]{1,12}[ \t]{1,3}){0,2}?(?:user(?:name| name)?|account|login|e?-?mail|host|database|db|role|principal|member|customer|client|ssh|realm|key|usuario|utilisateur|benutzer)(?:[ \t]id)?[ \t]{0,2}(?:[:=][ \t]{0,3}|[ \t]{1,3})$/i;

/** `the password is …`, `password for bob: …`, `with password '…'`, `pw …`, `login bob password …` */
export function proseValue(
  text: string,
  keyStart: number,
  keyEnd: number,
  lo: number,
  hi: number,
  key: SecretKey,
): { start: number; end: number } | null {
  // `GET /.htpasswd HTTP/1.1`: a path.
  if (keyStart > lo && text.charCodeAt(keyStart - 1) === 47) return null;
  const window = text.slice(keyEnd, Math.min(hi, keyEnd + 200));
  const between = BETWEEN.exec(window);
  if (between !== null && WHOSE.test(between[0])) return null;
  const gap = between ?? /^["']?[ \t]{1,3}(?:[—–][ \t])?/.exec(window);
  if (gap === null) return null;
  let start = keyEnd + gap[0].length;
  if (start >= hi) return null;
  // Much else may follow `password in …:`.
  const said =
    between !== null &&
    /[:=—–][ \t]{1,5}$/.test(between[0]) &&
    !/^[ \t]{1,3}(?:at|in|from|on|we|you|I|that|which)\b/i.test(between[0]);
  const quote = /["'`]/.test(text[start]!) ? text[start]! : null;
  if (quote !== null) {
    start++;
    const limit = endOfLine(text, start, Math.min(hi, start + 200));
    const close = text.slice(start, limit).indexOf(quote);
    if (close <= 0) return null;
    const value = text.slice(start, start + close);
    if (isHarmless(value) || isLabel(value)) return null;
    // A passphrase is made of words; behind the other words a blank makes it a message.
    if (/\s/.test(value) && !(between !== null && /phrase$/i.test(text.slice(keyStart, keyEnd)))) return null;
    // "Pass `--help` on"
    if (/^--?[a-z]/i.test(value)) return null;
    if (between === null && /^pass$/i.test(text.slice(keyStart, keyEnd)) && !isStrong(value)) return null;
    if (/^[ \t]to[ \t]$/.test(gap[0]) && !looksTyped(value, true)) return null;
    if (!key.strong && !isRandom(value)) return null;
    // `unknown password "x"` only where a word in between or in front gives it: SQL, prose, flags.
    if (between === null && !key.isPassword) return null;
    return { start, end: start + close };
  }
  let end = start;
  if (key.isPassword) end = bareEnd(text, start, hi, true, lo);
  else while (end < hi && text.charCodeAt(end) > 32 && !"\"'`<>;".includes(text[end]!)) end++;
  while (end > start && /[.,:!?)\]]/.test(text[end - 1]!)) end--;
  const value = text.slice(start, end);
  if (value.length < 4 || isHarmless(value) || isCode(value, false, end < hi ? text.charCodeAt(end) : 0)) return null;
  if (/^(?:https?:\/\/|\/|\.\.?\/|--?[a-z]|\d{1,3}%|HTTP\/\d)/i.test(value)) return null;
  // The next field of a log line.
  if (/^[A-Za-z_][\w.-]{0,40}=/.test(value)) return null;
  if (/^cred/i.test(text.slice(keyStart, keyEnd)) && isPair(value)) return { start, end };
  // `key 3AA5C34371567BD2`: the name of a key.
  if (key.needsRandom === true && !said && /^(?:0x)?[0-9A-Fa-f]{8,40}$/.test(value)) return null;
  if (/^[ \t]to[ \t]$/.test(gap[0])) return key.strong && isStrong(value) ? { start, end } : null;
  if (key.needsRandom === true) return isRandom(value) ? { start, end } : null;
  if (!key.strong) return isRandom(value.replaceAll(":", "-")) || isMade(value) ? { start, end } : null;
  const before = text.slice(Math.max(lo, keyStart - 40), keyStart);
  const told =
    said ||
    /(?:login|user|username|account)[ \t:=]{1,3}\S{1,30}[ \t,]{1,3}(?:and |with )?(?:the )?$/i.test(before) ||
    /\b(?:ENV|ARG|export|setx?|SET)[ \t]{1,3}$/.test(before);
  if (told && (said || !/^[a-z]+$/.test(value))) return { start, end };
  if (between !== null && TOLD_BEFORE.test(between[0]) && isLastWord(text, end, hi) && !ADJECTIVE.test(value))
    return { start, end };
  if (/login[ \t]\S{1,40}[ \t]$/.test(before)) return { start, end };
  return looksTyped(value, between !== null || said) ? { start, end } : null;
}

/**
 * `Please use the following password …:` and, on a line of its own, what a program made up. A word of a page is not
 * made by chance.
 */
export function valueBelow(text: string, at: number, hi: number): { start: number; end: number } | null {
  const match =
    /^[^\n=]{0,110}:[ \t]{0,2}\r?\n(?:[ \t]{0,8}\r?\n)?[ \t]{0,8}([^\s"'`<>=]{8,64})[ \t]{0,4}(?=\r?\n|$)/.exec(
      text.slice(at, Math.min(hi, at + 220)),
    );
  if (match === null || !(isStrong(match[1]!) || isRandom(match[1]!)) || isHarmless(match[1]!)) return null;
  const end = at + match[0].trimEnd().length;
  return { start: end - match[1]!.length, end };
}

const USER =
  /(?:^|[^A-Za-z])(?:[A-Z]{0,8}id|user(?:name)?|login|account|계정|아이디)\)?[ ]{0,2}(?:[/&,(][ ]{0,2}|[ ])$/i;
const NAME_AND_VALUE =
  /^\)?[ ]{0,2}(?:(?:[:=-]|->|=>|are|is|는|은)[ ]{0,2})?\(?[\w.@-]{1,40}([ ]{0,2}(?:\/{1,2}|[:,(])[ ]{0,2}|[ ]{1,2})([^\s,;()'"`<>|/]{4,64})(?=[\s,;)]|$)/;

/** `ID/PW: bob/…`, `user/password bob / …`, `Credentials: admin / …`: the second of two values. */
export function pairValue(text: string, keyStart: number, keyEnd: number, lo: number, hi: number): number {
  // `USER` ends in one of these.
  const isBoth = (text.charCodeAt(keyStart) | 32) === 99 && /^cred/i.test(text.slice(keyStart, keyEnd));
  if (!isBoth && (keyStart <= lo || !" /&,(".includes(text[keyStart - 1]!))) return -1;
  const before = isBoth ? null : USER.exec(text.slice(Math.max(lo, keyStart - 24), keyStart));
  if (!isBoth && before === null) return -1;
  const match = NAME_AND_VALUE.exec(text.slice(keyEnd, Math.min(hi, keyEnd + 120)));
  if (match === null) return -1;
  const value = match[2]!.replace(/[.:!?]$/, "");
  if (isBoth && (!/ [/:]|[/:] /.test(match[1]!) || /[.:]/.test(value))) return -1;
  const joined = isBoth || /[/&(]/.test(before![0]);
  if (!(joined && /\//.test(match[1]!) ? looksTyped(value, true) : isStrong(value))) return -1;
  return keyEnd + match[0].length - match[2]!.length;
}

/** `PASSWORD(…)`, `password (default: …)`, `(PW)…`: only what no program would write there. */
export function bracketValue(text: string, keyStart: number, at: number, lo: number, hi: number): number {
  const window = text.slice(at, Math.min(hi, at + 100));
  const inside = /^ ?\((?:default|initial)?:? ?([^\s()'",;]{6,64})\)/i.exec(window);
  if (inside !== null && /[=.[\]{}]/.test(inside[1]!)) return -1;
  if (inside !== null) return isStrong(inside[1]!) ? at + inside[0].length - 1 - inside[1]!.length : -1;
  if (text.charCodeAt(keyStart - 1) !== 40 || keyStart <= lo) return -1;
  const behind = /^\) ?[:=-]? ?([^\s()'",;]{6,64})/.exec(window);
  return behind !== null && isStrong(behind[1]!) ? at + behind[0].length - behind[1]!.length : -1;
}

/** `secret: word` on a line of its own; words that describe something stay. */
export function wordValue(text: string, keyStart: number, at: number, lo: number, hi: number): boolean {
  let from = keyStart;
  while (from > lo && text.charCodeAt(from - 1) === 32) from--;
  if (from > lo ? text.charCodeAt(from - 1) !== 10 : lo > 0) return false;
  const word = /^[a-z]{5,24}(?=[ \t]{0,8}(?:\r?\n|$))/.exec(text.slice(at, Math.min(hi, at + 40)))?.[0];
  return word !== undefined && at + word.length < hi + 1 && !isHarmless(word) && !ADJECTIVE.test(word);
}

/** `first pass: …`: a program walks over something once more. */
export function isRound(text: string, keyStart: number, keyEnd: number, lo: number): boolean {
  return (
    keyEnd - keyStart === 4 &&
    /\b(?:first|second|third|last|final|next|previous|single|main|early|late|this|each|every|lexer|parser|compiler|optimi[sz]er|optimi[sz]ation|render|analysis|codegen|tests?|\d(?:st|nd|rd|th)?)[ -]$/i.test(
      text.slice(Math.max(lo, keyStart - 16), keyStart),
    )
  );
}

/** What stands right in front of the last word of a sentence that tells a password. */
const TOLD_BEFORE =
  /\b(?:is(?:[ \t](?:now|still|currently))?|lautet|(?:set|changed|reset|updated|rotated|switched)[ \t]to)[ \t]{1,5}$/i;

/** `admin:Sw0rdfish!`, `admin/swordfish9` */
function isPair(value: string): boolean {
  const pair = /^[\w.@-]{1,40}[:/](\S{4,80})$/.exec(value);
  return pair !== null && looksTyped(pair[1]!, true);
}

/** "The password is expired": how words that describe one end. */
const ADJECTIVE =
  /(?:ed|ing|ent|ect|ory|ive|able|ible|ly|id|ong|eak|ort|ank|pty|ame|ken|set|ull|ss|al|ten|den|ous|ere|one|own|ade|ault|iate|ure|ret|ic|ne|et|ar|ry|ew|old|sent|here|gone)$/i;

function isLastWord(text: string, end: number, hi: number): boolean {
  return /^[.!"']{0,2}\s{0,3}(?:$|\n)/.test(text.slice(end, Math.min(hi, end + 6)));
}

/** A word of a sentence is all letters; what somebody chose as a password is not. */
function looksTyped(value: string, announced: boolean): boolean {
  const letters = /[A-Za-z]/.test(value);
  const digits = /\d/.test(value);
  const marks = /[!@#$%^&*+=?~|\\/{}]/.test(value);
  if (/^[\w.-]+\.(?:js|ts|py|rb|go|java|php|html?|json|ya?ml|txt|md|com|org|net|io)$/i.test(value)) return false;
  if (/^v?\d+(?:[.:/-]\d+)*$/.test(value)) return announced && /^\d{4,12}$/.test(value);
  if (letters && digits && value.length >= 5) return announced || marks || !/^[A-Za-z]+\d$|^\d+[a-z]{1,3}$/.test(value);
  return announced && marks && value.length >= 5;
}

function endOfLine(text: string, at: number, hi: number): number {
  while (at < hi && text.charCodeAt(at) !== 10 && text.charCodeAt(at) !== 13) at++;
  return at;
}
