import { classifyKey, isFolder, type SecretKey } from "./secret-key.ts";
import { isPlaceWord } from "./place-word.ts";
import { PLAIN_WORDS } from "./plain-words.ts";
import { isTemplateUserinfo } from "./template-userinfo.ts";

/** Where a secret is kept, not the secret. */
const REFERENCE =
  /^(?:process\.env\b|(?:env|file):[\w./-]{1,80}$|os\.environ|os\.getenv|System\.getenv|Environment\.|ENV\[|env\(|getenv\(|arn:aws[a-z-]{0,10}:|projects\/[^/]{1,60}\/secrets\/|vault:|ssm:|op:\/\/|secretref:|keyvault|file:\/\/|\/run\/secrets\/|\/etc\/|\/var\/)/i;

/** What stands under a secret's key without being one, in text and in objects alike. */
export function isNoSecret(value: string, key: SecretKey): boolean {
  if (value === "" || isHarmless(value) || isFolder(key, value) || ENCODING.test(value)) return true;
  // People choose `123456` as a password; no program gives it out as a key.
  return !key.isPassword && (isSequence(value) || isPlainSettings(value) || MOMENT.test(value));
}

/** When a session began, or a token ends. */
const MOMENT = /^(?:19|20)\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** `Buffer.from(key, "base64")` */
const ENCODING = /^(?:base64(?:url)?|hex|utf-?(?:8|16)|ascii|latin1|binary)$/i;

/** One digit again and again, digits counted up, a piece of the alphabet. */
function isSequence(value: string): boolean {
  if (value.length < 4 || value.length > 64) return false;
  if (/^(\d)\1*$/.test(value)) return true;
  if (/^\d+$/.test(value)) return "1234567890".repeat(8).includes(value);
  return value.length >= 6 && "abcdefghijklmnopqrstuvwxyz".includes(value.toLowerCase());
}

/** Words that say nothing, masks, and places where a value would be filled in. */
export function isHarmless(value: string): boolean {
  if (value.length > 128) return value.length < 300 && REFERENCE.test(value);
  if (value.length <= LONGEST_PLAIN_WORD && PLAIN_WORDS.has(value.toLowerCase())) return true;
  // Nearly every value is a word or was made by chance: the mark decides which of these it may be at all.
  const isPath = value.includes("/") || value.includes(".");
  return (
    isPlaceWord(value) ||
    (REFERENCE_MARK.test(value) && REFERENCE.test(value)) ||
    (value.length <= LONGEST_ALGORITHM && ALGORITHM.test(value)) ||
    (isPath && FILE.test(value)) ||
    (value.includes("://") && isPlainUrl(value)) ||
    (isPath && PORT.test(value)) ||
    value === "[cut: too deep]"
  );
}

const LONGEST_PLAIN_WORD = Math.max(...[...PLAIN_WORDS].map((word) => word.length));
const LONGEST_ALGORITHM = "hmac-sha-512".length;
/** Each form of `REFERENCE` but `keyvault` holds one of these. */
const REFERENCE_MARK = /[.:/[(]|^keyvault/i;

/** Names of algorithms, which stand under keys such as `password_hash` and `jwt`. */
const ALGORITHM =
  /^(?:[hrep]s(?:256|384|512)|sha-?[0-9]{1,3}|md5|bcrypt|scrypt|argon2(?:id|i|d)?|pbkdf2|scram-sha-?[0-9]{1,3}|aes-?[0-9]{3}(?:-[a-z]{3})?|ed25519|x25519|rsa(?:-[0-9]{4})?|ecdsa|hmac(?:-sha-?[0-9]{1,3})?)$/i;

/** The place of a file: below the home folder, below the present one, or words between slashes. */
const FILE =
  /^(?:(?:~|\.{1,2})\/[\w./-]{1,120}|(?:\/[a-z][a-z0-9_.-]{0,30}){2,8}|[\w./-]{1,100}\.(?:pem|key|crt|cer|p12|pfx|jks|der|pub|json|ya?ml|toml|env|txt|properties))$/;

/** `kpasswd 464/tcp`: the name of a service. */
const PORT = /^\d{1,5}\/(?:tcp|udp|sctp)$/;

/** `Server=db;Database=shop`: settings, none of which is a secret. */
function isPlainSettings(value: string): boolean {
  if (!/^(?:server|host|data source|addr(?:ess)?|database|name|driver|provider|endpoint|protocol)=/i.test(value))
    return false;
  if (!/^(?:[A-Za-z][A-Za-z ]{0,24}=[^;=]{1,80}(?:;\s{0,2}|$)){1,12}$/.test(value)) return false;
  return value.split(";").every((setting) => {
    const at = setting.indexOf("=");
    return at < 0 || (classifyKey(setting.slice(0, at).trim()) === null && !isRandom(setting.slice(at + 1)));
  });
}

/** An address without credentials: a page, an endpoint. What in its path looks made by chance may open something. */
function isPlainUrl(value: string): boolean {
  const match = /^[a-z][a-z0-9+.-]{1,20}:\/\/(?:([^\s/?#"'@]{1,100})@)?([^\s"'@]{0,200})$/i.exec(value);
  if (match === null || (match[1] !== undefined && !isTemplateUserinfo(match[1]))) return false;
  return !match[2]!.split(/[/?&=#;,]/).some((piece) => isRandom(piece));
}

/** Text for people that stands under a key named like a secret: labels, hints, messages. */
export function isLabel(value: string): boolean {
  // `"password": "Mot de passe"`, in a file of messages.
  if (/^\p{Lu}[\p{L} ]{2,30}$/u.test(value) && classifyKey(value.replaceAll(" ", "_")) !== null) return true;
  const spaces = value.split(/\s+/).length - 1;
  if (spaces === 0) return false;
  if (value.includes("$(") || value.includes("${") || value.includes("{{")) return true;
  const words =
    /\b(?:password|passwords|passcode|token|secret|enter|please|your|must|invalid|required|forgot|forgotten|reset|click|the|is|are|was|not|least|confirm|again|wrong|error|does|match|login|sign|show|hide|change|choose|type|this|that|with|for|and|or|to|from|has|been|cannot|could|when|if|should|authentication|authorization|header|cookie|session|expired|too|short|long|weak|blank|empty|may|need|needs|have|contain|contains|least|characters|incorrect|contraseña|senha|passwort)\b/gi;
  return (value.match(words)?.length ?? 0) >= 2 || (spaces === 1 && words.test(value) && !/\d/.test(value));
}

/** What stands in quotes under a word that also means something else: messages, versions, colours, templates. */
export function isOrdinary(value: string, key: SecretKey, name: string): boolean {
  const words = /\s/.test(value) ? value.trim().split(/\s+/) : [value];
  if (/^[Pp]ass$/.test(name) && /[\u3040-\u9fff\uac00-\ud7af]/.test(value)) return true;
  // `"pass": "The element has a title"`
  if (words.length > 2 && (/^[Pp]ass$/.test(name) || (!key.strong && key.type === "SECRET")))
    return !words.some((word) => isRandom(word));
  if (/^\d{1,4}(?:\.\d{1,8}){1,3}$/.test(value)) return true;
  // A scheme alone, or in front of what a program fills in.
  if (key.type === "AUTHORIZATION" && /^[A-Za-z]{1,20} (?:\{[\w.]{0,60}\})?$|%s/.test(value)) return true;
  return !key.strong && (/^#[0-9a-fA-F]{3,8}$/.test(value) || /^(?:\{\w{0,20}\}[:.]?){1,4}$/.test(value));
}

/** `Token.Name.Current`, `AUTH_HEADER`: a name of the program's own under a weak key. */
export function isName(value: string): boolean {
  return (
    (/^[A-Za-z_]\w{0,80}(?:\.[A-Za-z_]\w{0,80}){1,6}$/.test(value) && !/\d/.test(value)) ||
    /^[A-Z]{2,30}(?:_[A-Z]{2,30}){1,6}$/.test(value)
  );
}

const CODE_ROOTS =
  /^(?:this|self|cls|process|req|request|res|response|ctx|context|config|cfg|conf|env|os|options|opts|props|state|settings|params|args|argv|body|user|data|event|document|window|module|exports|secrets|vars|await|new|function|async|typeof|crypto|import|require|core|std|return|lambda|local|each|random|secrets|uuid|string|str|String|base64|hashlib|Buffer|bytes|var|random_password|random_string|resource)\b/;

/** Source code stands where a value would: a call, a property, a variable, a type. */
export function isCode(value: string, tight: boolean, after: number): boolean {
  if (/^[A-Za-z0-9_]+$/.test(value)) return isCodeWord(value, tight, after);
  if (/^[[{(]|^\/[(^[]/.test(value)) return !isTypedInBrackets(value);
  // gdb: `sig=sig@entry=6`.
  if (/^[A-Za-z_]\w{0,60}@entry=/.test(value)) return true;
  // Brackets amid what was typed are no call.
  if (isStrong(value) && /[)\]>][A-Za-z0-9!@#$%^&*~]/.test(value)) return false;
  if (/^[&*!]{0,2}[A-Za-z_$][\w$]{0,60}(?:(?:[.?!]{1,3}|::|->)[A-Za-z_$][\w$]{0,60}){0,6}[([<]/.test(value))
    return true;
  if (/^\$[A-Za-z_]\w{0,40}(?:->|::|\[|\.|\)\s{0,2}(?:\{|$))/.test(value)) return true;
  if (CODE_ROOTS.test(value) && /^\w+(?:(?:[.?[]|::|->)|$)/.test(value)) return true;
  // PowerShell's commands, and the types that wrap one: `Read-Host`, `Option<String>`.
  if (/^(?:Read|Get|New|Import|ConvertTo|ConvertFrom)-[A-Z][A-Za-z]{2,40}$/.test(value)) return true;
  // What Java says of an object: `java.lang.Object@2bd79ce`.
  if (/^(?:\[?[BCLI]|[a-zA-Z_$][\w$]{0,60}(?:\.[\w$]{1,60}){1,8})@[0-9a-f]{4,8}$/.test(value)) return true;
  // A class and a line: `ZooKeeperServer@325`.
  if (/^[A-Z][a-z]+(?:[A-Z][a-z]{1,20}){1,6}@\d{1,5}$/.test(value)) return true;
  const identifier = /^[A-Za-z_$][\w$]{0,60}$/.test(value);
  if (identifier && !/\d/.test(value) && classifyKey(value) !== null) return true;
  // A path of names: `settings.auth.password`, `Foo::BAR`.
  if (/^[A-Za-z_$][\w$]{0,80}(?:(?:\.|::|->)[A-Za-z_$][\w$]{0,80}){1,6}$/.test(value) && !/\d/.test(value)) {
    const last = /[A-Za-z_$][\w$]*$/.exec(value)![0];
    if (classifyKey(last) !== null || after === 59 || after === 44 || after === 41) return true;
  }
  // `const password = input;` is code, `password = input` may be a file of settings.
  return identifier && !tight && !/\d/.test(value) && (after === 59 || after === 41 || after === 44 || after === 125);
}

/** `(word)9Kx`: what somebody typed may begin with a bracket; a cast or a list goes on otherwise. */
function isTypedInBrackets(value: string): boolean {
  return (
    /^(?:\([A-Za-z]{1,12}\)|\[[A-Za-z]{1,12}\]|\{[A-Za-z]{1,12}\})(?=[A-Za-z0-9!@#$%^&*=+?]*\d)[A-Za-z0-9!@#$%^&*=+?]{3,40}$/.test(
      value,
    ) && isStrong(value)
  );
}

/** The same for a word without any mark. */
function isCodeWord(value: string, tight: boolean, after: number): boolean {
  if (CODE_ROOTS.test(value)) return true;
  if (after === 60 && WRAPPER.test(value)) return true;
  if (value.length > 61 || /\d/.test(value)) return false;
  return classifyKey(value) !== null || (!tight && (after === 59 || after === 41 || after === 44 || after === 125));
}

const WRAPPER = /^(?:Option|Optional|Arc|Rc|Box|Vec|List|Set|Cow|Maybe|Promise|Ref|Nullable|Supplier)$/;

/** A word of a sentence that goes on: `password: Cast to string failed`. */
export function isSentence(value: string, text: string, to: number, hi: number): boolean {
  if (!/^\p{L}+$/u.test(value)) return false;
  const next =
    /^[ \t]{1,2}(?:\d{1,3} [\p{L}]{3}|([\p{Ll}]{2,20})(?![\p{L}\p{N}_=:./-])|[`'"][\w. -]{1,40}[`'"] )/u.exec(
      text.slice(to, Math.min(hi, to + 48)),
    );
  return next !== null && !/^(?:for|and|with|at|while|from|as|on|user)$/.test(next[1] ?? "");
}

/** A weak key (`token`, `session`) needs a value that looks like one, unless it stands tight: `token=abcdef`. */
export function looksSecret(value: string, separator: string | null, tight: boolean): boolean {
  // A count, a version, the name of an object: `4.0.0`, `Token{1f2e`.
  if (
    value.length < 4 ||
    /^\d{1,5}$|^0x(?:[0-9a-fA-F]{1,16}|[0-9a-fA-F]{40})$|^\d{1,3}(?:\.\d{1,3}){1,3}$|^[A-Z]\w{2,40}\{/.test(value)
  )
    return false;
  if (tight && (separator === "=" || separator === "%3D" || separator === "%3d")) return true;
  return (/\d/.test(value) && value.length >= 6) || value.length >= 24;
}

/** What somebody made hard to guess: a mark among letters and digits, or digits inside and letters of both cases. */
export function isStrong(value: string): boolean {
  if (value.length < 6 || !/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  return /[!@#$%^&*+=?~]/.test(value) || (/\d[A-Za-z]/.test(value) && /[a-z]/.test(value) && /[A-Z]/.test(value));
}

/** Shorter than `isRandom` asks for, but with digits in more than one place. */
export function isMade(value: string): boolean {
  return value.length >= 12 && /^[A-Za-z0-9+_=-]+$/.test(value) && /\d[A-Za-z]+\d/.test(value) && isStrong(value);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Made by a machine to be hard to guess: at least 16 characters of base64 or hex, letters and
 * digits mixed inside one piece, no path, no list of words, no UUID, at least 3 bits per character.
 */
export function isRandom(value: string): boolean {
  if (value.length < 16 || value.length > 512 || !/^[A-Za-z0-9+/_=.~-]+$/.test(value)) return false;
  // A UUID, a machine's word, an address of Ethereum: names that open nothing.
  if (UUID.test(value) || /^0x(?:[0-9a-f]{1,16}|[0-9a-f]{40})$/i.test(value)) return false;
  // camelCase
  if (/^[a-z]{0,20}(?:[A-Z][a-z]{2,20}){1,8}$/.test(value)) return false;
  let mixed = 0;
  for (const piece of value.split(/[-_./=~]/)) {
    const digits = piece.length - piece.replace(/\d/g, "").length;
    const cases = /[a-z]/.test(piece) && /[A-Z]/.test(piece);
    if (digits > 0 && digits < piece.length && piece.length >= 7 && !/^[A-Za-z]+\d{1,4}$/.test(piece))
      mixed += piece.length;
    else if (cases && piece.length >= 16 && changesOfCase(piece) > piece.length / 4) mixed += piece.length;
  }
  return mixed * 2 >= value.length && entropy(value) >= 3;
}

function changesOfCase(piece: string): number {
  let changes = 0;
  for (let i = 1; i < piece.length; i++) {
    if (/[a-z]/.test(piece[i - 1]!) !== /[a-z]/.test(piece[i]!)) changes++;
  }
  return changes;
}

/** Bits per character (Shannon) of a value in ASCII. */
function entropy(value: string): number {
  let bits = 0;
  for (let i = 0; i < value.length; i++) counts[value.charCodeAt(i)]!++;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    const count = counts[code]!;
    if (count > 0) bits -= (count / value.length) * Math.log2(count / value.length);
    counts[code] = 0;
  }
  return bits;
}

/** Of each character of one value; all are zero again when its entropy is known. */
const counts = new Uint32Array(128);
