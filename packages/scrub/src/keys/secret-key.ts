import { isDigit } from "../text/characters.ts";
import { Recent } from "../text/recent.ts";
import { FOREIGN_PAIRS, FOREIGN_PASSWORDS, foreignEnding } from "./foreign-key.ts";

/** What a key's name says about its value. `strong`: the value is a secret whatever it looks like. */
export type SecretKey = {
  readonly type: string;
  readonly strong: boolean;
  readonly isPassword: boolean;
  /** `key`: a word for many things, so the value itself must look random. */
  readonly needsRandom?: boolean;
  /** The policy says so: whatever stands there goes, flags and numbers too. */
  readonly always?: boolean;
  /** Also a plain word, where it stands alone on its line. */
  readonly mayBeWord?: boolean;
  /** Twelve words or more; a single word under such a key is an instruction's name. */
  readonly isPhrase?: boolean;
  /** `PWD` is a password to databases and the working folder to shells. */
  readonly mayBeFolder?: boolean;
};

const PASSWORD: SecretKey = { type: "PASSWORD", strong: true, isPassword: true };
const PWD: SecretKey = { type: "PASSWORD", strong: true, isPassword: true, mayBeFolder: true };
const PHRASE: SecretKey = { type: "PASSWORD", strong: true, isPassword: true, isPhrase: true };
const SECRET: SecretKey = { type: "SECRET", strong: true, isPassword: false };
const AUTHORIZATION: SecretKey = { type: "AUTHORIZATION", strong: false, isPassword: false };
const COOKIE: SecretKey = { type: "COOKIE", strong: false, isPassword: false };
const TOKEN: SecretKey = { type: "SECRET", strong: false, isPassword: false };
const SECRET_WORD: SecretKey = { ...TOKEN, mayBeWord: true };
const KEY: SecretKey = { type: "SECRET", strong: false, isPassword: false, needsRandom: true };
const SESSION: SecretKey = { type: "SESSION", strong: false, isPassword: false };

/** Any of these words anywhere in the key. Compounds are matched on the key without separators. */
const WORDS = new Map<string, SecretKey>([
  ...entries(
    PASSWORD,
    "password passwords passwd pwd passphrase passcode passwort kennwort contrasena contrasenia wachtwoord senha haslo parola pword pswd passwrd userpass userpw pgpassword requirepass masterauth bindpw rootpw motdepasse contraseña mypw dbpw adminpw mypass dbpass rootpass adminpass smtppass sqlpass pasword paasword passowrd paswword pswrd heslo salasana jelszo sifre passord adgangskode kodeord losenord lozinka geslo zaporka parool",
  ),
  ...entries(PASSWORD, FOREIGN_PASSWORDS),
  ...entries(PHRASE, "mnemonic seedphrase"),
  ...entries(AUTHORIZATION, "authorization authorisation authentication"),
  ...entries(COOKIE, "cookie cookies"),
  ...entries(
    TOKEN,
    "token tokens jwt csrf xsrf csrftoken xsrftoken secrets credential credentials creds dsn otp totp mfa bearer signature authtoken accesstoken refreshtoken idtoken",
  ),
  ...entries(SECRET_WORD, "secret"),
  ...entries(SESSION, "session sessions sessionid sessid phpsessid jsessionid sessionkey"),
  ...entries(
    SECRET,
    "apikey apikeys apisecret apitoken secretkey accesskey privatekey clientsecret appsecret signingkey encryptionkey masterkey accountkey connectionstring connstr webhooksecret authkey storagekey sharedkey serverkey deploykey sshkey servicekey appkey subscriptionkey sharedsecret secretaccesskey adminkey rootkey hmackey cryptokey sslkey tlskey gpgkey pgpkey rsakey symmetrickey",
  ),
]);

/** Two neighbouring words that only mean a secret together. */
const PAIRS = new Map<string, SecretKey>([
  ...entries(
    SECRET,
    "api-key api-keys app-key access-key secret-key private-key client-secret signing-key encryption-key master-key account-key connection-string auth-key storage-key shared-key server-key deploy-key ssh-key license-key service-key iam-key subscription-key admin-key root-key hmac-key crypto-key gpg-key pgp-key rsa-key symmetric-key aes-key key-data",
  ),
  ...entries(
    TOKEN,
    "verification-code factor-code login-code confirmation-code recovery-code recovery-codes backup-code backup-codes auth-code",
  ),
  ...entries(PASSWORD, "de-passe p-w"),
  ...entries(PASSWORD, FOREIGN_PAIRS),
  ...entries(PHRASE, "seed-phrase recovery-phrase"),
  ...entries(SESSION, "session-id connect-sid"),
]);

/** Keys that mean a secret only when they are the whole key. */
const WHOLE = new Map<string, SecretKey>([
  ...entries(PASSWORD, "pass pw psw psk"),
  ...entries(PWD, "pwd oldpwd"),
  ...entries(AUTHORIZATION, "auth"),
  ...entries(SESSION, "sid"),
  ...entries(TOKEN, "sig pin cvv cvc cvv2 passkey clave"),
  ...entries(KEY, "key salt nonce apikeyid code"),
]);

/** Last words that say "this speaks about the secret, it is not the secret". */
const ABOUT = new Set(
  "count counts used usage limit limits max min total length len size type types expiry expires expired expiration expiresin at on ttl age name names url uri endpoint path file filename field fields policy rule rules hint prompt label placeholder strategy provider enabled disabled required valid invalid missing status state error errors reset changed updated created rotation version format regex pattern budget remaining index position offset duration timeout store storage manager service handler factory middleware parser refresh rate per cost price mode replay started algorithm algorithms alg cipher encoder encoding encryption address symbol decimals header source attempts days hours minutes seconds consent helper variable ref alias fd start begin beginning finish date time timestamp since until kind scheme realm scope scopes audience issuer subject owner user username usage hash_type".split(
    " ",
  ),
);
const NOT_SECRET_WORDS = new Set([
  "public",
  "publishable",
  "max",
  "min",
  "num",
  "total",
  "count",
  "has",
  "is",
  "no",
  "use",
  "requires",
  "tokenizer",
  "tokenize",
  "tokenization",
  "same",
  "samesite",
  "completion",
  "prompt",
]);

/** `primary_key`, `cache_key`: keys that open nothing. */
const OTHER_KEYS = new Set(
  `primary foreign partition sort hash range row index idx object bucket idempotency dedup dedupe deduplication public event group lookup
  map dict search json column config setting translation i18n message routing redis memcache memcached cache registry sql keyboard hot arrow
  unique surrogate composite cluster shard join lock mutex metric tag label header query param form field property attribute option feature
  flag grid chart sequence job task queue topic state entity resource node tree data page next last start end continuation cursor etag
  commit build image file path dir folder image manifest blob chunk upload artifact s3 natural business correlation trace span log`.split(
    /\s+/,
  ),
);

/** Places in a list, words of a parser or a model, names of stored credentials. */
const OPENS_NOTHING = new Set([
  ..."page continuation cancellation sync next cursor resume pagination stop eos bos pad unk mask sep special"
    .split(" ")
    .map((word) => `${word}-token`),
  ..."credential credentials token".split(" ").map((word) => `${word}-id`),
]);

/** `renderPass`, `thisPass`: a program walks over something once more. */
const ROUNDS = new Set(
  "this that first second third last next prev render event each single multi main lower".split(" "),
);

export function classifyKey(key: string): SecretKey | null {
  if (key.length > 96 || key.length < 2) return null;
  if (key.length > MAX_KNOWN) return classify(key);
  const name = counted(key);
  let kind = known.get(name);
  // What is known is a copy: a piece of a longer text would keep the whole of it in memory.
  if (kind === undefined) known.set(Buffer.from(name).toString(), (kind = classify(name)));
  return kind;
}

/** `SERVICE_17_PASSWORD`: a number that is a word of its own says nothing, so keys that are counted are one. */
function counted(key: string): string {
  let name = "";
  let from = 0;
  for (let at = 1; at < key.length; at++) {
    if (!isDigit(key.charCodeAt(at)) || !isMark(key.charCodeAt(at - 1))) continue;
    const start = at;
    while (at < key.length && isDigit(key.charCodeAt(at))) at++;
    if (at < key.length && !isMark(key.charCodeAt(at))) continue;
    name += key.slice(from, start) + ZEROS.slice(0, at - start);
    from = at;
  }
  return from === 0 ? key : name + key.slice(from);
}

const ZEROS = "0".repeat(32);
const isMark = (code: number): boolean => code === 95 || code === 45 || code === 46;

/** The same names of keys come again and again. */
const known = new Recent<string, SecretKey | null>(1_024);
const MAX_KNOWN = 32;

function classify(key: string): SecretKey | null {
  const words = wordsOf(key);
  if (words.length === 0) return null;
  const whole = words.length === 1 ? WHOLE.get(words[0]!) : undefined;
  if (whole !== undefined) return whole;
  // `sumoKey1`, `apiKey_2`: the second of its kind.
  if (words.length > 1) {
    const plain = words.at(-1)!.replace(/\d{1,3}$/, "");
    if (plain === "") words.pop();
    else if (!WHOLE.has(words.at(-1)!) && plain.length > 1) words[words.length - 1] = plain;
  }
  const last = words[words.length - 1]!;
  let found: SecretKey | null = null;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (NOT_SECRET_WORDS.has(word)) return null;
    const here =
      WORDS.get(word) ??
      numbered(word) ??
      (i > 0 ? PAIRS.get(`${words[i - 1]!}-${word}`) : undefined) ??
      bySuffix(word);
    if (here !== undefined && (found === null || (here.strong && !found.strong))) found = here;
  }
  // `db_pass`, `mail-pw`: only as the last of several words.
  if (last === "pw" || (last === "pass" && !ROUNDS.has(words.at(-2) ?? ""))) return PASSWORD;
  if (found === null) {
    // `cloudant_key`, `sl-key`: some key; whether it opens anything, its value must say.
    return (last === "key" || last === "auth") && words.length > 1 && !words.some((word) => OTHER_KEYS.has(word))
      ? KEY
      : null;
  }
  if (words.length > 1 && OPENS_NOTHING.has(`${words.at(-2)!}-${last}`)) return null;
  // `signature_id`, `otp_id`: a number in a table. `secret_id` is what Vault's roles sign in with.
  if (last === "id" && found === TOKEN) return null;
  // Helm: the name of one that is there already.
  if (last === "secret" && words.includes("existing")) return null;
  // `client_secret`, `JWT_SECRET`: with a name in front it is the secret itself.
  if (last === "secret" && words.length > 1) return SECRET;
  return words.length > 1 && ABOUT.has(last) ? null : found;
}

/** `password2`, `secret01` */
function numbered(word: string): SecretKey | undefined {
  const last = word.charCodeAt(word.length - 1);
  return last >= 48 && last <= 57 ? WORDS.get(word.replace(/\d{1,3}$/, "")) : undefined;
}

/** `dbpassword`, `mysecret`: run together without a separator. */
function bySuffix(word: string): SecretKey | undefined {
  if (word.charCodeAt(word.length - 1) > 127) {
    const ending = foreignEnding(word);
    return ending === null ? undefined : ending === "password" ? PASSWORD : TOKEN;
  }
  if (word.length < 7) return undefined;
  if (word.endsWith("password") || word.endsWith("passwd") || word.endsWith("passphrase")) return PASSWORD;
  if (
    word.endsWith("apikey") ||
    word.endsWith("secretkey") ||
    word.endsWith("privatekey") ||
    word.endsWith("accesskey")
  )
    return SECRET;
  if (word.endsWith("secret") || word.endsWith("token") || word.endsWith("cookie")) return TOKEN;
  return undefined;
}

/** camelCase, snake_case, kebab-case and dots come apart; digits stay with their word. */
function wordsOf(key: string): string[] {
  const words: string[] = [];
  let from = 0;
  let state = 0; // 0 between words, 1 after lower case or digit, 2 after upper case
  for (let i = 0; i <= key.length; i++) {
    const code = i < key.length ? key.charCodeAt(i) : 0;
    const upper = code >= 65 && code <= 90;
    const lower = (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code > 127;
    if (!upper && !lower) {
      if (state !== 0) words.push(key.slice(from, i).toLowerCase());
      state = 0;
    } else if (state === 0) {
      from = i;
      state = upper ? 2 : 1;
    } else if (upper && state === 1) {
      words.push(key.slice(from, i).toLowerCase());
      from = i;
      state = 2;
    } else if (lower && state === 2) {
      // "APIKey": the last capital begins the next word.
      if (i - 1 > from && code > 57) {
        words.push(key.slice(from, i - 1).toLowerCase());
        from = i - 1;
      }
      state = 1;
    }
    if (words.length > 12) break;
  }
  return words;
}

function entries(kind: SecretKey, words: string): [string, SecretKey][] {
  return words.split(" ").map((word) => [word, kind]);
}

const KINDS_OF_KEY = new Set(
  "api app secret access private client auth license encryption signing shared account master admin service subscription storage consumer deploy root".split(
    " ",
  ),
);

/** `API key: …`, `Client secret …`: two words of prose that are one key. Its value must look like one. */
export function classifyPair(before: string, key: string): SecretKey | null {
  const kind = before.toLowerCase();
  if (!KINDS_OF_KEY.has(kind) || !/^(?:keys?|secret)$/i.test(key)) return null;
  return classifyKey(`${kind}_${key}`) === null ? null : TOKEN;
}

/** True when a value under this key is a folder and no password. */
export function isFolder(key: SecretKey, value: string): boolean {
  return key.mayBeFolder === true && /^(?:[A-Za-z]:[\\/]|~?\/)/.test(value);
}
