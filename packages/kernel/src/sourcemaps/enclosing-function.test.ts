import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { enclosingFunction } from "./enclosing-function.ts";

/** The name at the place that is marked with @. */
const at = (source: string) => enclosingFunction(source.replace("@", ""), source.indexOf("@"));

describe("enclosingFunction", () => {
  it.each([
    ["function charge() { @ }", "charge"],
    ["export async function* charge<T>(a: T): Promise<void> { if (a) { @ } }", "charge"],
    ["function Cart({ items, total }) {\n  return total; @\n}", "Cart"],
    ["const charge = async (amount: number) => { for (let i = 0; i < 3; i++) { @ } }", "charge"],
    ["const charge = amount => { @ }", "charge"],
    ["exports.charge = function () { @ }", "charge"],
    ["const api = { list: async () => { @ } }", "list"],
    ["const api = { list() { return 1; }, charge(a) { @ } }", "charge"],
    [
      "class Cart extends Base<Item> {\n  #n = 1;\n  async charge(a: { b: number }): Promise<void> {\n    @\n  }\n}",
      "Cart.charge",
    ],
    ["class Cart { constructor() { } get total() { switch (a) { default: @ } } }", "Cart.total"],
    ["function outer() { items.forEach(function (x) { @ }); }", "outer"],
    ["function outer() { setTimeout(() => { @ }); }", "outer"],
    ["function a() { } function b() { } @", null],
    ["@", null],
    ['function a() { const s = "}"; const t = `}${ {a: 1} }`; /* } */ // }\n const r = /[}"/]/; @ }', "a"],
    ["function a() { return b / 2; } function c() { const d = 4 / 2; @ }", "c"],
  ])("of %s is %s", (source, name) => {
    expect(at(source)).toBe(name);
  });

  it("ends for any text, and gives a name or null (law)", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "(",
      ")",
      "`",
      "${",
      "'",
      '"',
      "/",
      "*",
      "\\",
      ";",
      "\n",
      "=>",
      "function f",
      "class A",
      "a",
      " ",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 200 }), (given) => {
        const text = given.join("");
        const name = enclosingFunction(text, text.length);
        expect(name === null || name.length > 0).toBe(true);
      }),
    );
  });

  it("gives up on what is nested deeper than anyone writes", () => {
    expect(enclosingFunction(`function f() {${"{".repeat(100_000)}`, 100_014)).toBeNull();
  });
});
