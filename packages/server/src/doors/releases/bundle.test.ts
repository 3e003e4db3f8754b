import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PrunellaError } from "@prunella/contract";
import { aBuild, aBundle, aMap, aZip, type Packing } from "./bundle-fixture.ts";
import { readBundle } from "./bundle.ts";
import { openZip } from "./zip.ts";

const ID = "a63a6675-53f6-54d4-9c2e-dd4122b15e05";

describe("openZip", () => {
  it.each<Packing>([0, 8, 93])("reads files packed by method %i, whatever stands before the archive", (method) => {
    for (const isShifted of [true, false]) {
      const entries = openZip(aZip({ "a.txt": "x".repeat(999), "b/c": "" }, { method, before: "SYSB1234", isShifted }));
      expect([...entries.keys()]).toEqual(["a.txt", "b/c"]);
      expect(entries.get("a.txt")?.read(999).toString()).toBe("x".repeat(999));
      expect(() => entries.get("a.txt")?.read(998)).toThrow(PrunellaError);
    }
  });

  it("ends well or in our own error, whatever bytes change (law)", () => {
    const whole = aBuild(ID);
    const edit = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 6 }), fc.nat(whole.length), (edits, length) => {
        const bytes = Buffer.from(whole);
        for (const [at, byte] of edits) bytes[at] = byte;
        try {
          for (const { text } of readBundle(bytes.subarray(0, length)).maps) text();
        } catch (error) {
          expect(error).toBeInstanceOf(PrunellaError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("readBundle", () => {
  it("finds each map with its debug id, and with the file that refers to it", () => {
    const [map, ...more] = readBundle(aBuild(ID)).maps;
    expect(more).toEqual([]);
    expect([map?.debugId, map?.file, map?.text()]).toEqual([ID, "~/js/app.js", aMap]);
  });

  it.each([
    ["~/js/app.js", "../maps/app.js.map", "~/maps/app.js.map"],
    ["~/js/app.js", "/maps/app.js.map", "~/maps/app.js.map"],
    ["https://shop.test/js/app.js", "app.js.map", "https://shop.test/js/app.js.map"],
    ["~/js/app.js", "~/other.map", "~/other.map"],
  ])("knows %s by its reference %s", (file, reference, url) => {
    const bundle = readBundle(
      aBundle({
        a: { url: file, type: "minified_source", headers: { sourcemap: reference }, text: "" },
        b: { url, type: "source_map", text: aMap },
      }),
    );
    expect(bundle.maps.map((map) => map.file)).toEqual([file]);
  });

  it("takes a map without a built file by its own name", () => {
    expect(readBundle(aBundle({ b: { url: "~/x.js.map", type: "source_map", text: "" } })).maps[0]?.file).toBe(
      "~/x.js",
    );
  });

  it("says what is wrong", () => {
    expect(() => readBundle(Buffer.from("nothing"))).toThrow("It is not a ZIP archive.");
    expect(() => readBundle(aZip({ a: "" }))).toThrow("has no manifest.json");
    expect(() => readBundle(aZip({ "manifest.json": "{" }))).toThrow("has no manifest.json");
  });
});
