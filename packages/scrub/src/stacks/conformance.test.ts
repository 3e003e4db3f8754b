import { readdirSync, readFileSync } from "node:fs";
import type { Event } from "@prunella/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprint } from "../fingerprint/fingerprint.ts";
import { crashFrame } from "../fingerprint/v1-frames.ts";
import { stackSignature } from "../fingerprint/crash.ts";
import { scrubText } from "../faces/scrub-text.ts";
import { parseStack } from "./parse-stack.ts";

/**
 * Every parser, one suite. The samples stand in `conformance/<family>.txt`; each begins with
 * `=== language | class | crash function | causes and frames`, `-` for none.
 */
type Sample = { name: string; language: string; type: string; crash: string; shape: string; text: string };

const folder = new URL("./conformance/", import.meta.url);
const samples: Sample[] = readdirSync(folder).flatMap((file) =>
  readFileSync(new URL(file, folder), "utf8")
    .split(/^=== /m)
    .slice(1)
    .map((section, i) => {
      const end = section.indexOf("\n");
      const [language = "", type = "", crash = "", shape = ""] = section.slice(0, end).split(" | ");
      return { name: `${file} ${i + 1}, ${type}`, language, type, crash, shape, text: section.slice(end + 1) };
    }),
);

const event = (text: string): Event => ({
  id: "0".repeat(32),
  source: "supervisor",
  trust: "local",
  level: "fatal",
  at: 1,
  release: null,
  environment: null,
  platform: null,
  target: null,
  errors: [],
  message: null,
  message_template: null,
  stack_text: text,
  sdk_fingerprint: null,
  transaction: null,
  server_name: null,
  exit_code: null,
  signal: null,
  tags: {},
  breadcrumbs: [],
  context: {},
});
const strict = (text: string): string => fingerprint(event(text)).strict;

describe.each(samples)("$name", ({ language, type, crash, shape, text }) => {
  it("is read as its language, with its class, crash function, causes and frames", () => {
    const parsed = parseStack(text);
    const thrown = parsed?.errors.at(-1);
    const deciding = parsed?.errors.map(({ frames }) => crashFrame(frames)).findLast((each) => each !== null);
    expect([
      parsed?.language,
      thrown?.type ?? "-",
      deciding?.function ?? "-",
      parsed?.errors.map(({ frames }) => frames.length).join("+"),
    ]).toEqual([language, type, crash, shape]);
  });

  it("keeps its key when lines, columns, addresses and build paths move", () => {
    const moved = text
      .replace(
        /(\.[a-z]{1,5}(?:", line |:line |, line | line |:|\())(\d+)/g,
        (_all, before: string, n: string) => `${before}${Number(n) + 22}`,
      )
      .replace(/\b0x[0-9a-f]{2,}\b/g, (address) =>
        address.length > 4 ? `0x${(BigInt(address) + 4096n).toString(16)}` : address,
      )
      .replaceAll("/src/", "/builds/agent-7/shop/src/");
    expect(strict(moved)).toBe(strict(text));
  });

  it("is the same scrubbed, signature included, and behind any logger's prefix", () => {
    const scrubbed = scrubText(text).text.value;
    expect(strict(scrubbed)).toBe(strict(text));
    expect(stackSignature(parseStack(scrubbed))).toEqual(stackSignature(parseStack(text)));
    for (const prefix of [
      "Nov 21 07:39:01 web-1 app[4123]: ",
      "2026-11-21T07:39:01.123456789Z ",
      "2026-11-21T07:39:01.123Z stderr F ",
      "shop-web-1  | ",
    ])
      expect(strict(text.replace(/^/gm, prefix)), prefix).toBe(strict(text));
    expect(strict(`\u001b[31m${text.replaceAll("\n", "\r\n")}\u001b[0m`)).toBe(strict(text));
  });
});

describe("all of them", () => {
  it("have keys of their own", () => {
    expect(new Set(samples.map(({ text }) => strict(text))).size).toBe(samples.length);
  });

  it("survive any cut and any mixture", () => {
    const lines = samples.flatMap(({ text }) => text.split("\n"));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...lines), fc.string({ maxLength: 40 })), { maxLength: 20 }),
        (mixed) => {
          expect(strict(mixed.join("\n"))).toMatch(/^[0-9a-f]{32}$/);
        },
      ),
      { numRuns: 400 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.double({ min: 0, max: 1, noNaN: true }), ({ text }, at) => {
        const parsed = parseStack(text.slice(0, Math.floor(at * text.length)));
        expect(parsed === null || parsed.errors.length > 0).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it("look at a bounded part of a stack of ten thousand lines", () => {
    for (const { text } of samples) {
      const middle = text.split("\n")[Math.min(2, text.split("\n").length - 1)]!;
      const parsed = parseStack(`${text}${`${middle}\n`.repeat(10_000)}${text}`);
      expect(parsed?.errors.every(({ frames }) => frames.length <= 250) ?? true).toBe(true);
    }
  });
});

describe("hostile text", () => {
  it.each([
    "thread 'a' panicked at 'a', ",
    "    at a ( (",
    "#0  a (",
    "panic: a\n",
    "a@a/",
    "PHP Fatal error:  Uncaught A: a in b",
    'File "',
    "** (A ",
    "[<ffff>] a+0x1/0x2 ",
    "a.b.C.d(",
    '{a,b,1,[{file,"',
    " ---> A.BException: a",
  ])("of many %j is read in steps that grow with its length, not faster", (piece) => {
    // Steps cannot be counted in a pattern; a runner that is quadratic here would need minutes.
    const hints =
      "Sanitizer BUG: Error: :in ` Stack trace: ** ( == line stack traceback: .dart @ Crashed: {line, panicked at .java:\n";
    for (const unit of [piece, `${piece}\n`, `${piece.repeat(60)}\n`])
      expect(() => parseStack(hints + unit.repeat(Math.ceil(200_000 / unit.length)))).not.toThrow();
  });
});
