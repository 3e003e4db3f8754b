import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostileTexts } from "./hostile-texts-fixture.ts";
import { fenced, inertTitle, inline, visible } from "./markdown.ts";

describe("text of strangers", () => {
  it("stands in a block that nothing in it can end", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ unit: fc.constantFrom("`", "\n", "a", "~", " ") })),
        (text) => {
          const [first = "", ...rest] = fenced(text).split("\n");
          const fence = first.replace("text", "");
          expect(fence).toMatch(/^`{3,}$/);
          expect(rest.at(-1)).toBe(fence);
          for (const line of rest.slice(0, -1)) expect(line.trimStart().startsWith(fence)).toBe(false);
        },
      ),
    );
  });

  it("stands in a span that nothing in it can end, on one line", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ unit: fc.constantFrom("`", "\n", "a", " ") })),
        (text) => {
          const span = inline(text);
          expect(span).not.toMatch(/[\r\n]/);
          const fence = /^`+/.exec(span)?.[0] ?? "";
          const inner = span.slice(fence.length, -fence.length);
          expect(span.endsWith(fence)).toBe(true);
          expect(inner.match(/`+/g)?.some((run) => run.length === fence.length) ?? false).toBe(false);
        },
      ),
    );
  });

  it("hides nothing: what is not seen is written out", () => {
    expect(visible("a\u202eb\u200bc\u{e0041}")).toBe("a\\u{202e}b\\u{200b}c\\u{e0041}");
    expect(visible("Grüße, 世界\tx\n")).toBe("Grüße, 世界\tx\n");
  });

  it("calls nobody and links nothing in a title, and stays readable", () => {
    const title = inertTitle("TypeError in @acme/billing.charge, see #12 and <b>https://x.test</b>");
    expect(title.replaceAll("\u2060", "")).toBe("TypeError in @acme/billing.charge, see #12 and ‹b›https://x.test‹/b›");
    expect(title).not.toMatch(/@\w|#\d|https:|<|`/);
    expect(inertTitle("x".repeat(500))).toHaveLength(200);
  });
});
