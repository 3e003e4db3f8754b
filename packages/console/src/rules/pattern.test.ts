import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asPattern, fitsPattern, fitsRow } from "./pattern.ts";

describe("a pattern", () => {
  it.each([
    ["timeout after * ms", "timeout after 30 ms", true],
    ["timeout after * ms", "timeout after 30 ms at alpha", false],
    ["timeout after * ms*", "timeout after 30 ms at alpha", true],
    ["*", "", true],
    ["ab*ba", "aba", false],
    ["a*b*c", "a b c", true],
    ["a*b*c", "a c b", false],
    ["exact", "exact", true],
    ["exact", "inexact", false],
  ])("%s on %s: %s", (pattern, text, fits) => expect(fitsPattern(pattern, text)).toBe(fits));

  it("made of a message fits that message", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 400 }), (message) => {
        expect(fitsPattern(asPattern(message), message.trim())).toBe(true);
      }),
    );
  });

  it("has a star for every parameter", () => {
    expect(asPattern("gateway timeout for [REDACTED:EMAIL] after 3 tries")).toBe("gateway timeout for * after * tries");
    expect(asPattern("connect ECONNREFUSED 10.0.0.1:6379")).toBe("connect ECONNREFUSED *");
    expect(asPattern("no order 'A-17' at https://shop.example/x?y=1")).toBe("no order * at *");
    expect(asPattern("it failed, twice: 7.\nwith a second line")).toBe("it failed, twice: *.*");
  });

  it("answers in linear time for a message made of stars and for a pattern made of them", () => {
    expect(fitsPattern("*a".repeat(100), "a".repeat(100_000))).toBe(true);
    expect(asPattern("'".repeat(50_000)).length).toBeLessThanOrEqual(200);
  });
});

describe("a row", () => {
  const row = { title: "PaymentError: gateway timeout after 3 tries", culprit: "settle · src/payments/gateway.js" };
  it("fits when class, message, function and file do", () => {
    expect(fitsRow({ error_class: "PaymentError", message: "gateway timeout *", file: "src/*" }, row)).toBe(true);
    expect(fitsRow({ error_class: "PaymentError", function: "charge" }, row)).toBe(false);
  });
  it("cannot be judged by a target", () => expect(fitsRow({ target: "shop" }, row)).toBe(null));
});
