import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frontierOf, lawfulEntries, memoryFiles, publishAll, testSigner, type MemoryFiles } from "./ledger-fixture.ts";
import { vkeyOf } from "./note.ts";
import { publish, publishedSize, type PublishInput } from "./publish.ts";
import { partialTiles, tilePath, tilesForAppend } from "./tiles.ts";
import { rootOf } from "./tree.ts";
import { verifyLedger } from "./verify.ts";

const signer = testSigner();
const vkey = vkeyOf(signer);
const all = lawfulEntries(1400, signer);

function inputFor(size: number, from: number, files: MemoryFiles): PublishInput {
  const head = { size, root: rootOf(frontierOf(all.slice(0, size))) };
  return { from, head, entries: async (start, end) => all.slice(start, end), reader: files, writer: files, signer };
}

/** Dies at the n-th write or removal, before or after it took place, as kill -9 does. */
function dyingAt(n: number, files: MemoryFiles): MemoryFiles {
  let left = n;
  const die = (): void => {
    if (left-- <= 0) throw new Error("killed");
  };
  return {
    ...files,
    write: async (path, bytes) => {
      die();
      await files.write(path, bytes);
    },
    remove: async (path) => {
      die();
      await files.remove(path);
    },
  };
}

describe("publish", () => {
  it("leaves exactly the tiles of the tree, in whatever steps it got there", async () => {
    const steps = fc
      .uniqueArray(fc.integer({ min: 1, max: all.length }), { minLength: 1, maxLength: 6 })
      .map((sizes) => sizes.sort((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(steps, async (sizes) => {
        const files = memoryFiles();
        await publishAll(all, files, signer, sizes);
        const size = sizes.at(-1) ?? 0;
        expect([...files.files.keys()].sort()).toEqual(["checkpoint", ...tilesForAppend(0, size).map(tilePath)].sort());
        expect(await verifyLedger({ reader: files, vkey })).toMatchObject({ ok: true, size });
      }),
      { numRuns: 15 },
    );
  });

  it("recovers from a kill at any write, and never shows a broken ledger meanwhile", async () => {
    const before = memoryFiles();
    await publishAll(all, before, signer, [200, 700]);
    for (let n = 0; ; n++) {
      const files = memoryFiles(new Map(before.files));
      const outcome = await publish({ ...inputFor(1400, 700, files), writer: dyingAt(n, files) }).catch(() => null);
      const size = await publishedSize(files, signer);
      expect(await verifyLedger({ reader: files, vkey })).toMatchObject({ ok: true, size });
      await publish(inputFor(1400, size, files));
      expect(await verifyLedger({ reader: files, vkey })).toMatchObject({ ok: true, size: 1400 });
      if (outcome !== null) break;
      expect(n).toBeLessThan(100);
    }
  });

  it("writes the checkpoint after every tile, and removes afterwards", async () => {
    const files = memoryFiles();
    await publishAll(all, files, signer, [700]);
    const log: string[] = [];
    const writer = {
      write: async (path: string, bytes: Uint8Array) => void (log.push(path), await files.write(path, bytes)),
      remove: async (path: string) => void log.push(`-${path}`),
    };
    await publish({ ...inputFor(800, 700, files), writer });
    const at = log.indexOf("checkpoint");
    expect(log.slice(0, at).sort()).toEqual(
      tilesForAppend(700, 800)
        .concat(partialTiles(800).filter(({ level }) => level === 2))
        .map(tilePath)
        .sort(),
    );
    expect(log.slice(at + 1)).toEqual(["-tile/entries/002.p/188", "-tile/0/002.p/188", "-tile/1/000.p/2"]);
  });

  it("asks for at most one bundle of entries at a time", async () => {
    const files = memoryFiles();
    const asked: number[] = [];
    await publish({
      ...inputFor(1400, 0, files),
      entries: async (start, end) => {
        asked.push(end - start);
        return all.slice(start, end);
      },
    });
    expect(Math.max(...asked)).toBe(256);
  });

  it("signs nothing when the entries do not lead to the store's root", async () => {
    const files = memoryFiles();
    await expect(
      publish({ ...inputFor(300, 0, files), entries: async (start, end) => all.slice(start + 1, end + 1) }),
    ).rejects.toMatchObject({ code: "PRUNELLA_LEDGER_BROKEN" });
    expect(files.files.has("checkpoint")).toBe(false);
  });

  it("signs nothing when a published tile was damaged, and rebuilds from the store", async () => {
    const files = memoryFiles();
    await publishAll(all, files, signer, [700]);
    const tile = files.files.get("tile/1/000.p/2");
    if (tile !== undefined) tile[40] = (tile[40] ?? 0) ^ 1;
    await expect(publish(inputFor(800, 700, files))).rejects.toMatchObject({ code: "PRUNELLA_LEDGER_BROKEN" });
    files.files.delete("tile/1/000.p/2");
    await expect(publish(inputFor(800, 700, files))).rejects.toMatchObject({ code: "PRUNELLA_LEDGER_BROKEN" });
    expect(await publishedSize(files, signer)).toBe(700);
    await publish(inputFor(800, 0, files));
    expect((await verifyLedger({ reader: { read: files.read }, vkey })).problems).toEqual([]);
  });

  it("never goes back behind what is published", async () => {
    const files = memoryFiles();
    await publishAll(all, files, signer, [300]);
    await expect(publish(inputFor(299, 300, files))).rejects.toMatchObject({ code: "PRUNELLA_LEDGER_BROKEN" });
    await expect(publish(inputFor(299, 0, files))).rejects.toMatchObject({ code: "PRUNELLA_LEDGER_BROKEN" });
  });

  // A database restored from an older copy: it goes on, and leads to a root of its own.
  it.each([
    { published: 300, size: 310, from: 300 },
    { published: 256, size: 300, from: 256 },
    { published: 300, size: 700, from: 0 },
  ])(
    "signs no second history, and overwrites nothing: $published published, another $size from $from",
    async ({ published, size, from }) => {
      const files = memoryFiles();
      await publishAll(all, files, signer, [published]);
      const before = new Map(files.files);
      const other = [...all.slice(0, 200), ...all.slice(201)];
      const head = { size, root: rootOf(frontierOf(other.slice(0, size))) };
      await expect(
        publish({ ...inputFor(size, from, files), head, entries: async (start, end) => other.slice(start, end) }),
      ).rejects.toMatchObject({ code: "PRUNELLA_LEDGER_BROKEN" });
      for (const [path, bytes] of before)
        if (from > 0 || path === "checkpoint") expect(files.files.get(path)).toEqual(bytes);
    },
  );

  it("refuses when the store gives fewer entries than its head says", async () => {
    const files = memoryFiles();
    await expect(
      publish({ ...inputFor(300, 0, files), entries: async (start) => all.slice(start, start + 10) }),
    ).rejects.toMatchObject({ code: "PRUNELLA_LEDGER_BROKEN" });
  });

  it("starts anew where nothing is published, and does not take another key's checkpoint for its own", async () => {
    const files = memoryFiles();
    expect(await publishedSize(files, signer)).toBe(0);
    await publishAll(all, files, signer, [300]);
    expect(await publishedSize(files, signer)).toBe(300);
    await expect(publishedSize(files, testSigner())).rejects.toMatchObject({ code: "PRUNELLA_LEDGER_BROKEN" });
  });
});
