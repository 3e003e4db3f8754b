import { describe, expect, it } from "vitest";
import { FixEnvelopes } from "./fix-envelope.ts";

const listing = (probe: string, targets: readonly string[], given: object = {}) => ({
  probe,
  actions: [{ do: "restart", targets }],
  ...given,
});
const complaints = (...envelopes: readonly object[]) =>
  (FixEnvelopes.safeParse(envelopes).error?.issues ?? []).map(({ path, message }) => [path.join("."), message]);

describe("envelopes of one configuration", () => {
  it("list a target once, and not beside a pattern that holds it, in whatever order they stand", () => {
    const words = "stands twice: by its name, and by a pattern that holds it";
    const [exact, pattern] = [listing("a", ["machine:shop/m1"]), listing("b", ["machine:shop/*"])];
    expect(complaints(pattern, exact)).toEqual([["1.actions.0.targets", `restart of machine:shop/m1 ${words}`]]);
    expect(complaints(exact, pattern)).toEqual([["1.actions.0.targets", `restart of machine:shop/* ${words}`]]);
    expect(complaints(listing("a", ["machine:shop/m1"]), listing("b", ["machine:shop/m1"]))).toHaveLength(1);
  });

  it("have a switch each, also where only a hyphen tells their names apart", () => {
    const [one, other] = [listing("shop-http", ["a:b"]), listing("shop_http", ["a:c"], { project: "other" })];
    expect(complaints(one, other)).toEqual([["1.probe", "its switch is that of shop-http"]]);
    expect(complaints(one, listing("shop-http", ["a:c"], { project: "other" }))).toEqual([]);
  });

  it("may list what no pattern of the others holds", () => {
    const pattern = listing("a", ["machine:shop/*"]);
    for (const target of ["machine:shop/m1/disk", "machine:shop", "machine:shops/m1", "machine:shop/m.1"])
      expect(complaints(pattern, listing("b", [target]))).toEqual([]);
    expect(complaints(pattern, listing("b", ["machine:shop/m1"], { project: "other" }))).toEqual([]);
  });
});
