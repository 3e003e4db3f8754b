import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTileBuilder } from "./tile-builder.ts";
import {
  decodeBundle,
  decodeTile,
  encodeBundle,
  encodeTile,
  parseTilePath,
  partialTiles,
  tilePath,
  tilesForAppend,
  type TileRef,
} from "./tiles.ts";
import { leafHash } from "./tree.ts";

describe("tile paths", () => {
  it.each<[TileRef, string]>([
    [{ level: 0, n: 1_234_067, width: 256 }, "tile/0/x001/x234/067"],
    [{ level: 0, n: 273, width: 112 }, "tile/0/273.p/112"],
    [{ level: "entries", n: 0, width: 256 }, "tile/entries/000"],
    [{ level: 2, n: 1000, width: 1 }, "tile/2/x001/000.p/1"],
    [{ level: 0, n: 1_000_000_000, width: 256 }, "tile/0/x001/x000/x000/000"],
  ])("name %o as %s", (ref, path) => {
    expect(tilePath(ref)).toBe(path);
    expect(parseTilePath(path)).toEqual(ref);
  });

  it.each([
    "tile/0/0",
    "tile/0/x000/067",
    "tile/00/000",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/01",
    "tile/0/001/067",
    "tile/data/000",
    "tile/0/../000",
    "tile/0/000/",
    "/tile/0/000",
    "tile/0/000\n",
  ])("do not include %j", (path) => expect(parseTilePath(path)).toBeNull());

  it("read back as what they name", () => {
    const level = fc.oneof(fc.constant<"entries">("entries"), fc.integer({ min: 0, max: 7 }));
    const refs = fc.record({ level, n: fc.integer({ min: 0, max: 2 ** 45 }), width: fc.integer({ min: 1, max: 256 }) });
    fc.assert(
      fc.property(refs, (ref) => {
        expect(parseTilePath(tilePath(ref))).toEqual(ref);
      }),
    );
  });
});

describe("tilesForAppend", () => {
  const paths = (oldSize: number, newSize: number): string[] => tilesForAppend(oldSize, newSize).map(tilePath);

  it("gives the check value for 70,000 entries", () => {
    const all = paths(0, 70_000);
    expect(all.filter((path) => /^tile\/0\/\d{3}$/.test(path))).toHaveLength(273);
    expect(all.filter((path) => path.startsWith("tile/entries/"))).toHaveLength(274);
    expect(all.filter((path) => path.includes(".p/"))).toEqual([
      "tile/entries/273.p/112",
      "tile/0/273.p/112",
      "tile/1/001.p/17",
      "tile/2/000.p/1",
    ]);
    expect(all.filter((path) => path.startsWith("tile/1/"))).toEqual(["tile/1/000", "tile/1/001.p/17"]);
    expect(partialTiles(70_000).map(tilePath)).toEqual([
      "tile/entries/273.p/112",
      "tile/0/273.p/112",
      "tile/1/001.p/17",
      "tile/2/000.p/1",
    ]);
  });

  it("names only what one more entry changes", () => {
    expect(paths(255, 256)).toEqual(["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]);
    expect(paths(256, 257)).toEqual(["tile/entries/001.p/1", "tile/0/001.p/1"]);
    expect(paths(256, 256)).toEqual([]);
    expect(paths(0, 0)).toEqual([]);
  });

  it("agrees with the tiles that a builder makes", () => {
    const leaf = leafHash(Buffer.of(1));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3000 }), (size) => {
        const builder = createTileBuilder();
        const built: string[] = [];
        for (let i = 0; i < size; i++) built.push(...builder.push(leaf).map(({ ref }) => tilePath(ref)));
        built.push(...builder.partials().map(({ ref }) => tilePath(ref)));
        expect(built.sort()).toEqual(
          paths(0, size)
            .filter((path) => !path.startsWith("tile/entries/"))
            .sort(),
        );
      }),
      { numRuns: 20 },
    );
  });
});

describe("bundles and tiles", () => {
  it("put a length of two bytes, big-endian, before each entry", () => {
    expect(
      Buffer.from(encodeBundle([Buffer.from("ab"), Buffer.alloc(0), Buffer.alloc(258, 7)]))
        .subarray(0, 8)
        .toString("hex"),
    ).toBe("0002616200000102");
  });

  it("give back the entries", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 256 }), (entries) => {
        const decoded = decodeBundle(encodeBundle(entries), entries.length);
        expect(decoded?.map((entry) => [...entry])).toEqual(entries.map((entry) => [...entry]));
      }),
      { numRuns: 30 },
    );
  });

  it("do not decode when cut, prolonged, or of another width", () => {
    const bundle = encodeBundle([Buffer.from("ab"), Buffer.from("c")]);
    for (let end = 0; end < bundle.length; end++) expect(decodeBundle(bundle.subarray(0, end), 2)).toBeNull();
    expect(decodeBundle(Buffer.concat([bundle, Buffer.of(0)]), 2)).toBeNull();
    expect(decodeBundle(Buffer.concat([bundle, Buffer.of(0, 0)]), 2)).toBeNull();
    expect(decodeBundle(bundle, 1)).toBeNull();
    expect(decodeBundle(bundle, 3)).toBeNull();
    const tile = encodeTile([leafHash(bundle)]);
    expect(decodeTile(tile, 1)).toHaveLength(1);
    expect(decodeTile(tile, 2)).toBeNull();
    expect(decodeTile(tile.subarray(1), 1)).toBeNull();
  });

  it("hold an entry of 65535 bytes and refuse one more", () => {
    expect(decodeBundle(encodeBundle([Buffer.alloc(65_535)]), 1)?.[0]).toHaveLength(65_535);
    expect(() => encodeBundle([Buffer.alloc(65_536)])).toThrow(
      expect.objectContaining({ code: "PRUNELLA_LEDGER_ENTRY_TOO_LARGE" }),
    );
  });
});
