import { describe, expect, it } from "vitest";
import { lawfulEntries, memoryFiles, publishAll, testSigner } from "./ledger-fixture.ts";
import { readTile } from "./superseded.ts";
import { tilePath, tilesForAppend } from "./tiles.ts";

describe("readTile", () => {
  it("gives every tile that any earlier checkpoint named, though only the latest are kept", async () => {
    const signer = testSigner();
    const entries = lawfulEntries(600, signer);
    const latest = memoryFiles();
    await publishAll(entries, latest, signer);
    for (const size of [1, 200, 256, 300, 512, 599, 600]) {
      const then = memoryFiles();
      await publishAll(entries.slice(0, size), then, signer);
      for (const path of tilesForAppend(0, size).map(tilePath)) {
        expect(Buffer.from((await readTile(latest, path, 600)) ?? []), path).toEqual(
          Buffer.from(then.files.get(path) ?? []),
        );
      }
    }
  });

  it("gives nothing beyond the tree, nor for a path that is no tile's", async () => {
    const signer = testSigner();
    const files = memoryFiles();
    await publishAll(lawfulEntries(300, signer), files, signer);
    // What an unfinished publication left is not published yet.
    files.files.set("tile/0/001.p/45", Buffer.alloc(45 * 32));
    for (const path of [
      "tile/0/001.p/45",
      "tile/0/001",
      "tile/1/000",
      "tile/2/000.p/1",
      "checkpoint",
      "../key",
      "tile/0/../../key",
    ]) {
      expect(await readTile(files, path, 300), path).toBeNull();
    }
  });
});
