import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scrubText } from "../index.ts";

/**
 * Texts between lines of four strokes. What stands in « » must go, all of it; `{+}` is taken out, so that
 * no scanner takes a text of this file for real.
 */
function blocks(file: string): string[] {
  return readFileSync(join(import.meta.dirname, file), "utf8")
    .split(/^----\n/m)
    .map((block) => block.replace(/\n$/, "").replaceAll("{+}", ""));
}

const clean = (text: string): string => scrubText(text).text.value;
const plain = (marked: string): string => marked.replace(/[«»]/g, "");

/** Pieces of six characters of each line of what must go; short ones whole. */
function pieces(marked: string): string[] {
  return [...marked.matchAll(/«([^»]*)»/g)].flatMap(([, secret = ""]) =>
    secret
      .split("\n")
      .flatMap((line) =>
        line.length <= 6 ? [line] : Array.from({ length: line.length - 5 }, (_, at) => line.slice(at, at + 6)),
      ),
  );
}

describe("what goes, whole", () => {
  it.each(blocks("kinds.txt"))("%s", (marked) => {
    const out = clean(plain(marked));
    const around = marked.replace(/«[^»]*»/g, "\0");
    expect(pieces(marked).filter((piece) => !around.includes(piece) && out.includes(piece))).toEqual([]);
    expect(clean(out)).toBe(out);
  });
});

describe("what stays", () => {
  it.each(blocks("kinds-that-stay.txt"))("%s", (text) => expect(clean(text)).toBe(text));
});
