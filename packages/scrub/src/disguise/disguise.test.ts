import { describe, expect, it } from "vitest";
import { scrubText } from "../index.ts";
import { FAMILIES } from "../rules/families/index.ts";
import { seeded, sampleToken } from "../rules/families/sample.ts";

const clean = (text: string): string => scrubText(text).text.value;
const code = (char: string, base: number, width: number): string =>
  char.charCodeAt(0).toString(base).padStart(width, "0");
const each = (text: string, dress: (char: string, at: number) => string): string => [...text].map(dress).join("");

/** Each way to say the same secret so that a plain search misses it, and the share that must still be found. */
const DISGUISES: readonly [name: string, least: number, dress: (secret: string) => string][] = [
  ["base64", 0.97, (text) => btoa(text)],
  ["base64 for URLs", 0.97, (text) => btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")],
  ["base64 of JSON", 0.98, (text) => btoa(JSON.stringify({ user: "bob", value: text }))],
  ["base64 twice", 0.97, (text) => btoa(btoa(text))],
  ["base64 of UTF-16", 0.98, (text) => btoa(each(text, (char) => `${char}\0`))],
  [
    "base64 in lines of 76",
    0.98,
    (text) =>
      btoa(`Subject: hello\n\nthe value you asked for: ${text} and more text follows`).replace(/(.{76})/g, "$1\n"),
  ],
  ["hex", 0.97, (text) => each(text, (char) => code(char, 16, 2))],
  ["URL-encoded", 0.96, encodeURIComponent],
  ["URL-encoded, every character", 0.98, (text) => each(text, (char) => `%${code(char, 16, 2)}`)],
  ["URL-encoded twice", 0.96, (text) => encodeURIComponent(encodeURIComponent(text))],
  ["JSON-escaped", 0.98, (text) => each(text, (char) => `\\u${code(char, 16, 4)}`)],
  ["JSON-escaped in one place", 0.96, (text) => `\\u${code(text, 16, 4)}${text.slice(1)}`],
  ["JSON with escaped strokes", 0.97, (text) => text.replaceAll("/", "\\/")],
  ["escaped as bytes", 0.98, (text) => each(text, (char) => `\\x${code(char, 16, 2)}`)],
  ["escaped for a shell", 0.94, (text) => text.replace(/[^A-Za-z0-9]/g, "\\$&")],
  ["split by empty quotes", 0.95, (text) => `${text.slice(0, 9)}''${text.slice(9)}`],
  ["wrapped with an indent", 0.9, (text) => text.replace(/(.{20})/g, "$1\n    ")],
  ["wrapped with a backslash", 0.94, (text) => text.replace(/(.{24})/g, "$1\\\n")],
  ["wrapped as quoted-printable", 0.93, (text) => text.replaceAll("=", "=3D").replace(/(.{25})/g, "$1=\r\n")],
  ["coloured", 0.98, (text) => each(text, (char, at) => (at % 5 === 2 ? `\u001b[31m${char}\u001b[0m` : char))],
  ["coloured, escaped", 0.96, (text) => `${text.slice(0, 6)}\\u001b[31m${text.slice(6, 14)}\\x1b[0m${text.slice(14)}`],
  ["joined by zero-width spaces", 0.98, (text) => [...text].join("\u200b")],
  ["split by a soft hyphen", 0.96, (text) => `${text.slice(0, 7)}\u00ad${text.slice(7)}`],
  ["in UTF-16", 0.98, (text) => each(` ${text} `, (char) => `${char}\0`)],
  [
    "in full-width letters",
    0.98,
    (text) =>
      each(text, (char) => (char > " " && char < "\u007f" ? String.fromCharCode(char.charCodeAt(0) + 0xfee0) : char)),
  ],
  ["in decimal entities", 0.98, (text) => each(text, (char) => `&#${char.charCodeAt(0)};`)],
  ["in hex entities", 0.98, (text) => each(text, (char) => `&#x${code(char, 16, 2)};`)],
];

const PLAIN = FAMILIES.filter(
  ({ near, keepsKeyword, name }) => near !== true && keepsKeyword !== true && name !== "ansible-vault",
);

describe("disguises", () => {
  it.each(DISGUISES)(
    "%s: at least %f of all families' tokens go, and a second run changes nothing",
    (_, least, dress) => {
      const random = seeded(9);
      let gone = 0;
      for (const family of PLAIN) {
        const hidden = dress(sampleToken(family, random));
        const safe = clean(`log line value ${hidden} end of it`);
        let stays = false;
        for (let at = 0; at + 12 <= hidden.length; at++) stays ||= safe.includes(hidden.slice(at, at + 12));
        if (!stays) gone++;
        expect(clean(safe)).toBe(safe);
      }
      expect(gone / PLAIN.length).toBeGreaterThanOrEqual(least);
    },
  );

  it.each([
    ["a password in a URL-encoded assignment", "q=password%3D" + "hunter2%26x", "hunter2"],
    ["a password between entities", "password=&quot;" + "hunter2&quot;", "hunter2"],
    [
      "a password in base64 text",
      `blob ${btoa("user=bob password=" + "hunter2 and more")}`,
      btoa("user=bob password=").slice(0, 16),
    ],
    [
      "a basic header in JSON escapes",
      "Authorization\\u003a Basic " + btoa("bob:" + "hunter2"),
      btoa("bob:" + "hunter2"),
    ],
  ])("%s goes", (_, text, secret) => {
    expect(clean(text)).not.toContain(secret);
  });

  it("ordinary escapes, colours and encodings stay as they are", () => {
    for (const text of [
      "GET /search?q=red%20shoes%2Fsize%3D42 200",
      "\u001b[32mINFO\u001b[0m server started in 12 ms",
      '{"msg":"caf\\u00e9 \\u003cb\\u003e","path":"C:\\\\srv\\\\x"}',
      "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
      "integrity sha512-" + btoa("\u00ff\u0001\u0080".repeat(20)),
      "a&amp;b &lt;tag&gt; &#8212; text",
      "if (a ==\n    b) { return ''; }",
    ])
      expect(clean(text)).toBe(text);
  });
});
