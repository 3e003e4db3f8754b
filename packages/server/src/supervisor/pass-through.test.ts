import { PassThrough, Readable } from "node:stream";
import { expect, test } from "vitest";
import { passLines } from "./pass-through.ts";
import { collect } from "./supervisor-fixture.ts";

async function passed(chunks: readonly (string | Buffer)[]): Promise<string> {
  const from = new PassThrough();
  const to = collect();
  passLines(from, to, "shop | ");
  Readable.from(chunks.map((chunk) => Buffer.from(chunk))).pipe(from);
  await new Promise((resolve) => from.on("close", resolve));
  return to.text();
}

test("a line stays whole however it comes", async () => {
  const long = "x".repeat(200_000);
  expect(await passed([long.slice(0, 70_000), long.slice(70_000), "\nnext\n"])).toBe(`shop | ${long}\nshop | next\n`);
  expect(await passed(["a", "b", "\n", "\n", "c\nd"])).toBe("shop | ab\nshop | \nshop | c\nshop | d\n");
});

test("a line that has no end is cut where it says so, and loses nothing", async () => {
  const text = "0123456789".repeat(60_000);
  const lines = (await passed([text, "\nafter\n"])).split("\n");
  expect(lines).toHaveLength(5);
  expect(lines.slice(0, 3).map((line) => [line.startsWith("shop | […] "), line.endsWith(" […]")])).toEqual([
    [false, true],
    [true, true],
    [true, false],
  ]);
  expect(
    lines
      .slice(0, 3)
      .map((line) => line.replace(/^shop \| (?:\[…\] )?/, "").replace(/ \[…\]$/, ""))
      .join(""),
  ).toBe(text);
  expect(lines[3]).toBe("shop | after");
});

test("no character is cut in two", async () => {
  for (const before of ["", "a", "ab", "abc"]) {
    const text = before + "🦐é".repeat(60_000);
    const out = await passed([text]);
    expect(out).not.toContain("\uFFFD");
    expect(out).toContain("[…]");
  }
});
