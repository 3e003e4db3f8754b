import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { align, pairUp, varying } from "./align.ts";

const same = (a: string, b: string) => a === b;

describe("aligning two lists", () => {
  it("puts what both have in one row and the rest in rows of its own", () => {
    expect(align(["class", "a", "b"], ["class", "b", "c"], same)).toEqual([
      { left: "class", right: "class" },
      { left: "a", right: null },
      { left: "b", right: "b" },
      { left: null, right: "c" },
    ]);
  });
  it("makes one row of what was changed into something else", () => {
    expect(pairUp(align(["a", "b", "c"], ["a", "x", "y", "c"], same))).toEqual([
      { left: "a", right: "a", same: true },
      { left: "b", right: "x", same: false },
      { left: null, right: "y", same: false },
      { left: "c", right: "c", same: true },
    ]);
  });
  it("loses nothing and keeps both orders", () => {
    const lists = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 30 });
    fc.assert(
      fc.property(lists, lists, (left, right) => {
        const rows = align(left, right, same);
        expect(rows.flatMap((row) => row.left ?? [])).toEqual(left);
        expect(rows.flatMap((row) => row.right ?? [])).toEqual(right);
        const paired = pairUp(rows);
        expect(paired.flatMap((row) => row.left ?? [])).toEqual(left);
        expect(paired.flatMap((row) => row.right ?? [])).toEqual(right);
        expect(paired.filter((row) => row.same)).toHaveLength(rows.filter((row) => row.left === row.right).length);
        expect(rows.every((row) => row.left === null || row.right === null || row.left === row.right)).toBe(true);
      }),
    );
  });
});

describe("what varies between two messages", () => {
  it("is the parameters, not the words around them", () => {
    const { left, right } = varying("timeout after 30 ms at alpha", "timeout after 4100 ms at alpha");
    expect(left.filter((word) => word.varies)).toEqual([{ text: "30", varies: true }]);
    expect(right.filter((word) => word.varies)).toEqual([{ text: "4100", varies: true }]);
  });
  it("gives both texts back whole", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.string({ maxLength: 60 }), (left, right) => {
        const words = varying(left, right);
        expect(words.left.map((word) => word.text).join("")).toBe(left);
        expect(words.right.map((word) => word.text).join("")).toBe(right);
      }),
    );
  });
});
