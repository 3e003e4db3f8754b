import { describe, expect, it } from "vitest";
import { appendLeaf, EMPTY_FRONTIER, EMPTY_ROOT, leafHash, rootOf, splitPoint } from "./tree.ts";

/** The public test tree of Certificate Transparency: eight leaves and the roots on the way. */
const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

describe("tree", () => {
  it("gives the roots of the public test tree", () => {
    let frontier = EMPTY_FRONTIER;
    const roots = LEAVES.map((leaf) => {
      frontier = appendLeaf(frontier, leafHash(Buffer.from(leaf, "hex")));
      return Buffer.from(rootOf(frontier)).toString("hex");
    });
    expect(roots).toEqual(ROOTS);
  });

  it("has the hash of nothing as the empty root", () => {
    expect(Buffer.from(EMPTY_ROOT).toString("hex")).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
    expect(rootOf(EMPTY_FRONTIER)).toBe(EMPTY_ROOT);
  });

  it("keeps one hash per one bit of the size", () => {
    let frontier = EMPTY_FRONTIER;
    for (let size = 1; size <= 300; size++) {
      frontier = appendLeaf(frontier, leafHash(Buffer.of(size % 256)));
      expect(frontier.hashes).toHaveLength(size.toString(2).replaceAll("0", "").length);
    }
  });

  it("leaves the old frontier as it was", () => {
    const one = appendLeaf(EMPTY_FRONTIER, leafHash(Buffer.of(1)));
    appendLeaf(one, leafHash(Buffer.of(2)));
    expect(one).toEqual({ size: 1, hashes: [leafHash(Buffer.of(1))] });
  });

  it("refuses a frontier that lacks its hashes", () => {
    expect(() => appendLeaf({ size: 1, hashes: [] }, leafHash(Buffer.of(1)))).toThrow(RangeError);
  });

  it("splits at the largest power of two strictly below", () => {
    expect([2, 3, 4, 5, 8, 9, 2 ** 40].map(splitPoint)).toEqual([1, 2, 2, 4, 4, 8, 2 ** 39]);
  });
});
