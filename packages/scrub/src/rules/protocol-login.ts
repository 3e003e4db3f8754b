import { isHarmless, isRandom, isStrong } from "../keys/value.ts";
import { RANK, type Rule } from "../engine/rule.ts";
import { startsWord } from "../text/characters.ts";

/** What a transcript writes in front of what was sent: `C: `, `>>> `, `a1 `, `redis> `, `[0 127.0.0.1:5000] `. */
const SENT = /(?:^|[\r\n>:\]"]|\\[nr]|(?:^|[\s>:"'])[A-Za-z.*]{0,4}\d{1,8})[ \t]{0,2}"?$/;

/** The command of the client itself, with its options. */
const STORE_CLIENT = /(?:redis|valkey|keydb)-cli(?: [^\n|;&]{1,40})? $/;

type Form = {
  readonly name: string;
  readonly keywords: readonly string[];
  /** On what stands behind the keyword; the named group goes. */
  readonly pattern: RegExp;
  readonly holds: (value: string, before: string) => boolean;
  readonly example: () => string;
};

const FORMS: readonly Form[] = [
  {
    // RFC 4954 and RFC 9051: user and password in base64, with the command or on a line of its own.
    name: "mail-auth",
    keywords: ["auth plain", "auth login", "auth cram-md5", "auth xoauth2", "authenticate plain", "authenticate login"],
    pattern:
      /^(?:[ \t]{1,3}|[ \t]{0,3}\r?\n(?:[^\n]{0,12}(?:334|\+)[^\n]{0,40}\r?\n)?[^\n]{0,12}?(?<=[\s>:]))(?<value>[A-Za-z0-9+/]{8,200}={0,2})(?![A-Za-z0-9+/=])/d,
    holds: (value) => value.length % 4 === 0 && /[a-z0-9=]/.test(value) && !/^[A-Z][a-z]*$|^[a-z]+$/.test(value),
    example: () => "AUTH PLAIN " + btoa("\0bob\0" + "hunter2"),
  },
  {
    // The second challenge of AUTH LOGIN asks for the password, always in these words.
    name: "mail-challenge",
    keywords: ["334 ugfzc3dvcmq6"],
    pattern:
      /^[ \t]{0,3}\r?\n(?:[^\n]{0,12}?[\s>:])?(?<value>[A-Za-z0-9+/]{4,200}={0,2})[ \t]{0,3}(?=\r?$|\r?\n|["'])/d,
    holds: (value) => value.length % 4 === 0,
    example: () => "334 UGFzc3dvcmQ6\n" + btoa("hunter2"),
  },
  {
    name: "imap-login",
    keywords: [" login "],
    pattern:
      /^(?:"[^"\n]{1,80}"|[^\s"()]{1,80})[ ](?:"(?<quoted>[^"\n]{1,128})"|(?<value>[^\s"(){}]{1,128}))(?=[ \t]{0,3}(?:\r?$|\r?\n|\\r|"))/d,
    holds: (value) => isStrong(value) || /[^A-Za-z.,:;!?-]/.test(value),
    example: () => "a1 LOGIN bob " + "hunter2",
  },
  {
    name: "redis-auth",
    keywords: ["auth ", '"auth" '],
    pattern:
      /^(?!(?:PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|XOAUTH2|NTLM|GSSAPI|EXTERNAL|TLS|SSL)\b)(?:"(?:[^"\n]{1,80}" ")?(?<quoted>[^"\n]{4,128})"|(?:[\w.@-]{1,60}[ ])?(?<value>[^\s"'`,;()[\]{}]{4,128}))(?=[ \t]{0,3}(?:\r?$|\r?\n|\\r|["']|[ ](?:SETNAME|setname)\b))/d,
    holds: (value, before) =>
      isStrong(value) ||
      (value.length >= 6 && /\d/.test(value) && /[A-Za-z]/.test(value)) ||
      /(?:redis[^\n]{0,12}|:\d{4,5})(?:\[\d+\])?> $/.test(before) ||
      STORE_CLIENT.test(before),
    example: () => "redis> AUTH bob " + "hunter2!A",
  },
];

/** What is said at the door of a mailbox or a store, as transcripts show it. */
export const PROTOCOL_LOGIN: readonly Rule[] = FORMS.map(({ name, keywords, pattern, holds, example }) => ({
  name,
  type: "PASSWORD",
  rank: RANK.context,
  keywords,
  example,
  // Commands stand in capitals in transcripts; in sentences the words do not.
  guard: (text, start) => {
    const code = text.charCodeAt(text.charCodeAt(start) === 32 || text.charCodeAt(start) === 34 ? start + 1 : start);
    return code < 91;
  },
  find(text, start, end, lo, hi) {
    if (
      !/^[A-Z0-9" ]/.test(text.slice(start, start + 1)) ||
      /[a-z]/.test(text.slice(start, end - 1).replace(/34 .*/s, ""))
    )
      return null;
    const before = text.slice(Math.max(lo, start - 48), start);
    if (text.charCodeAt(start) !== 32 && !startsWord(text, start, lo)) return null;
    if ((name === "imap-login" || name === "redis-auth") && !SENT.test(before) && !/HELLO [23] $/.test(before))
      if (!STORE_CLIENT.test(before)) return null;
    const match = pattern.exec(text.slice(end, hi));
    if (match === null) return null;
    const span = match.indices!.groups!["value"] ?? match.indices!.groups!["quoted"]!;
    const value = text.slice(end + span[0], end + span[1]);
    if (isHarmless(value) || !holds(value, before)) return null;
    return { start: end + span[0], end: end + span[1], open: false };
  },
}));

/** Forty characters made by chance, as AWS makes them; a digest in hex is none. */
export function opensKey(value: string): boolean {
  return /^[A-Za-z0-9/+]{40}$/.test(value) && isRandom(value.replaceAll("/", "x")) && !/^[0-9a-f]+$/.test(value);
}

/** Two keys of one service, printed one behind the other without a name: the second opens what the first names. */
export const KEY_PAIR: Rule = {
  name: "aws-key-pair",
  type: "AWS_SECRET_KEY",
  rank: RANK.token,
  keywords: ["akia", "asia"],
  guard: (text, start) => text.charCodeAt(start) === 65,
  find(text, start, _end, lo, hi) {
    if (!startsWord(text, start, lo)) return null;
    const match =
      /^A(?:KI|SI)A[A-Z0-9]{16}["']?(?:[\s,:;|/]{1,12}|,\s{0,8}["'][\w-]{1,24}["']\s{0,4}:\s{0,4})["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/.exec(
        text.slice(start, Math.min(hi, start + 112)),
      );
    if (match === null || !opensKey(match[1]!)) return null;
    const stop = start + match[0].length;
    return { start: stop - 40, end: stop, open: false };
  },
  example: () => "AKIA" + "QWERTYUIOPASDFGH," + "aB3dE6gH".repeat(5),
};
