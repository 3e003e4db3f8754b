import fc from "fast-check";
import { expect, test } from "vitest";
import { clip, plain, plainLines } from "./text.ts";

test("text that others wrote cannot steer the terminal", () => {
  expect(plain("a\u001b]0;owned\u0007b\u009b31mc\r\nd\u202ee")).toBe("a ]0;owned b 31mc d e");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => !/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(plain(text))),
  );
  expect(plain("a\u{e0101}b\u00adc\u3164d\ufff9e")).toBe("a b c d e");
  expect(plain("\u2764\ufe0f \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")).toBe(
    "\u2764\ufe0f \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
  );
});

test("clips by characters, not by halves of them", () => {
  expect(clip("😀😀😀", 2)).toBe("😀…");
  expect(clip("ab", 2)).toBe("ab");
});

test("several lines stay several, each as far in as it was, and none steers the terminal", () => {
  expect(plainLines("a:\n  b: 1\r\n\tc\n \u202e \n \u001b[31m d")).toEqual(["a:", "  b: 1", "  c", "", " [31m d"]);
});
