import { exampleOf } from "../packages/scrub/src/rules/families/sample.ts";
import type { Rule } from "../packages/scrub/src/engine/rule.ts";
import { RULES } from "../packages/scrub/src/rules/index.ts";

/** A text made to cost as much as it can: `make` gives one of about this many characters. */
export type HostileText = { readonly name: string; readonly make: (length: number) => string };

/** What stands behind every keyword: nothing, blanks, operators, quotes, and more of the same. */
const JOINS: readonly (readonly [name: string, text: string])[] = [
  ["glued", ""],
  ["blank", " "],
  ["line", "\n"],
  ["equals", "="],
  ["colon", ":"],
  ["quote", '"'],
  ["pair", '="x" '],
  ["value", "=aB3x9 "],
];

/** Texts without a rule of their own: what looks like addresses, tables, tokens, encodings, structure. */
const SHAPES: Readonly<Record<string, string>> = {
  curl: "curl -u ",
  at: "a@",
  colons: "::",
  jwt: "eyJhbGciOi.",
  csv: "1,2,3,4\n",
  "csv with a password": "a,b,password\n1,2,x\n",
  base64: btoa("hello world, this reads as text "),
  "base64 of a password": btoa("password=" + "hunter2hunter2 and "),
  "base64 of base64": btoa(btoa(btoa("password=" + "hunter2hunter2 and more text"))),
  "base64 in lines": `${btoa("this line reads as text and says nothing at all......")}\n`,
  hex: "68656c6c6f20776f726c642c2074686973207265616473",
  "hex words": "68656c6c6f20776f726c642c207468697320726561647320 ",
  "JSON in JSON": JSON.stringify(JSON.stringify(JSON.stringify({ user: "bob", pass: "x", token: "y" }))),
  "many keys": "aPasswordTokenKeySecret_auth_cookie_session=",
  "short keys": "pw psk sid jwt key pin ",
  "key list": '"password","token","secret","key",',
  "card digits": "4111 1111 1111 1112 ",
  "card digits glued": "4111111111111112",
  digits: "0000 0000 ",
  phones: "+49 151 2345 678 ",
  addresses: "1.2.3.4:",
  "addresses of six": "2001:db8::1:",
  mail: "a.b.c.d@e.f.g.h.i.",
  url: "https://a:b@c/?token=x&key=",
  escapes: "%67",
  "unicode escapes": "\\u0061",
  "byte escapes": "\\x61\\x70",
  zeros: "a\0",
  unseen: "a\u200b",
  "full width": "\uff41\uff10",
  entities: "&#97;&quot;",
  colours: "\u001b[31ma\u001b[0m",
  "torn words": "pass''word",
  "torn lines": "pass\\\nword=",
  placeholders: "[REDACTED:EMAIL]a@",
  "placeholders with keys": "[REDACTED:SECRET]password=",
  PEM: "-----BEGIN PRIVATE KEY-----\n",
  "PEM in pieces": "aB3dE6gH9kL2mN5p\n-----END PRIVATE KEY-----",
  "open PEM": "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n",
  "seed phrase": "seed phrase: abandon ability able about ",
  punctuation: "&{aB3!aB3!x ",
  quotes: "\"'`",
  foreign: "пароль: ",
  "foreign letters": "ключ密码",
  brackets: "[{(<",
  assignments: "a=b;c=d&",
  flags: "-p -u --password ",
};

const again = (unit: string, length: number): string => unit.repeat(Math.ceil(length / unit.length)).slice(0, length);

/** The same, but no two windows are alike, so that nothing that is remembered helps. */
const counted = (unit: string, length: number): string => {
  let text = "";
  for (let i = 0; text.length < length; i++) text += `${unit}${i.toString(36)} `;
  return text.slice(0, length);
};

/** Base-4 numbers written with four texts: long without repeating, and dense. */
const woven = (units: readonly string[], length: number): string => {
  let text = "";
  for (let i = 0; text.length < length; i++)
    for (const digit of i.toString(units.length)) text += units[Number.parseInt(digit, 36)] ?? "";
  return text.slice(0, length);
};

/** Every rule's keyword or prefix, its example, and what nearly matches. */
export function textsOfRule(rule: Rule): HostileText[] {
  const texts: HostileText[] = [];
  const both = (name: string, unit: string): void => {
    if (unit === "") return;
    texts.push({ name: `${rule.name} ${name}`, make: (length) => again(unit, length) });
    texts.push({ name: `${rule.name} ${name}, counted`, make: (length) => counted(unit, length) });
  };
  const words = [...new Set([rule.keywords[0] ?? "", rule.keywords.at(-1) ?? ""])];
  for (const [at, word] of words.entries())
    for (const [name, join] of JOINS) both(`word ${at} ${name}`, word === "" ? "" : word + join);
  const upper = (rule.keywords[0] ?? "").toUpperCase();
  both("capitals", `${upper}=`);
  const example = exampleOf(rule);
  both("example", `${example} `);
  both("example glued", example);
  // One character short, and with a wrong end.
  both("nearly", `${example.slice(0, -1)} `);
  both("nearly, wrong end", `${example.slice(0, -1)}\u00e4`);
  both("beginning", example.slice(0, 24));
  texts.push({
    name: `${rule.name} woven`,
    make: (length) =>
      woven([`${words[0] ?? ""}=`, `${words.at(-1) ?? ""} `, example.slice(0, 20), `"${words[0]}":`], length),
  });
  return texts;
}

export function hostileTexts(): HostileText[] {
  const texts = RULES.flatMap(textsOfRule);
  for (const [name, unit] of Object.entries(SHAPES)) {
    texts.push({ name, make: (length) => again(unit, length) });
    texts.push({ name: `${name}, counted`, make: (length) => counted(unit, length) });
    texts.push({
      name: `${name}, one line of prose between`,
      make: (length) => again(`${unit}${PLAIN[0] ?? ""}`, length),
    });
  }
  const words = ["pw ", "psk ", "sid ", "jwt "];
  texts.push({ name: "keys woven", make: (length) => woven(words, length) });
  texts.push({ name: "keys woven, assigned", make: (length) => woven(["pw=", "psk=", "sid:", "jwt "], length) });
  const all = [...new Set(RULES.flatMap(({ keywords }) => keywords))];
  for (const join of ["", " ", "=", "\n", ":"])
    texts.push({ name: `all words ${JSON.stringify(join)}`, make: (length) => again(all.join(join), length) });
  texts.push({
    name: "long base64 that hides base64",
    make: (length) => btoa(btoa(again("password=x and text ", length >> 1))),
  });
  texts.push({
    name: "JSON of many keys",
    make: (length) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: length / 16 }, (_, i) => [`key${i}`, i]))).slice(
        0,
        length,
      ),
  });
  return texts;
}

/** Five sentences without a word that any rule goes by. */
const PLAIN = [
  "The river rose in the night and by morning the lower meadow was under water. ",
  "Nobody had expected it so early in the year, least of all the people by the mill. ",
  "They carried what they could to the upper floor and waited for the rain to end. ",
  "In the village the shops opened late; a few neighbours came over to lend a hand. ",
  "By noon the worst was behind them, and somebody made coffee for everyone (twice). ",
];

/** As documentation of a service reads, which says "token", "session" and "password" now and then: ten looks a thousand characters. */
const PROSE = [
  ...PLAIN,
  "The server reads its settings once, from one file, and says which line it could not read. ",
  "A session ends after twelve hours; whoever signs in with a password gets a new token for it. ",
  "Set the key before the first start, because a backup without it is of no use to anybody. ",
  "Each client has an account of its own, and `prunella token list` says which of them are in use. ",
  "A build that fails on the main branch is told to the team's channel, with the first cause on top. ",
];

/** Prose of this length: what a text costs is told as a multiple of it. Hardly two windows are alike. */
export function prose(length: number): string {
  return sentences(PROSE, length);
}

/** The same without one word that a rule looks at, which no text about software is. */
export function plainProse(length: number): string {
  return sentences(PLAIN, length);
}

function sentences(from: readonly string[], length: number): string {
  let text = "";
  for (let i = 0; text.length < length; i++)
    text += `${from[(i * 7 + (i >> 2)) % from.length] ?? ""}${i % 9 === 0 ? `${i}.\n` : ""}`;
  return text.slice(0, length);
}
