import { describe, expect, it } from "vitest";
import { signCheckpoint } from "./checkpoint.ts";
import { encodeEntry } from "./entry.ts";
import {
  frontierOf,
  intentEntry,
  lawfulEntries,
  memoryFiles,
  publishAll,
  rowsOf,
  testSigner,
} from "./ledger-fixture.ts";
import { vkeyOf } from "./note.ts";
import { EMPTY_ROOT, rootOf } from "./tree.ts";
import { verifyLedger } from "./verify.ts";

const signer = testSigner();
const vkey = vkeyOf(signer);

async function published(entries: readonly Uint8Array[], steps?: readonly number[]) {
  const files = memoryFiles();
  await publishAll(entries, files, signer, steps);
  return files;
}

const headOf = (entries: readonly Uint8Array[]) => ({ size: entries.length, root: rootOf(frontierOf(entries)) });

describe("verifyLedger", () => {
  it.each([1, 2, 255, 256, 257, 511, 512, 600])(
    "finds nothing wrong with a sound ledger of %i entries",
    async (size) => {
      const entries = lawfulEntries(size, signer);
      const report = await verifyLedger({
        reader: await published(entries),
        vkey,
        entries: rowsOf(entries),
        head: headOf(entries),
      });
      expect(report).toMatchObject({ ok: true, size, checked_entries: size, problems: [] });
      expect(report.root).toBe(Buffer.from(rootOf(frontierOf(entries))).toString("hex"));
    },
  );

  it.each([
    // Every bit of everything that is small; of the rest a spread, another bit at each place.
    { size: 5, every: 400, places: 4000 },
    { size: 600, every: 70, places: 12 },
  ])(
    "finds any one flipped byte in any file of a ledger of $size",
    async ({ size, every, places }) => {
      const entries = lawfulEntries(size, signer);
      const files = await published(entries);
      // Superseded partial tiles too, as a crash between checkpoint and removal leaves them behind.
      const earlier = await published(entries.slice(0, size - 2));
      for (const [path, bytes] of earlier.files)
        if (path.includes(".p/") && !files.files.has(path)) files.files.set(path, bytes);
      files.files.set("vkey", Buffer.from(`${vkey}\n`));
      expect(await verifyLedger({ reader: files, vkey })).toMatchObject({ ok: true });
      const missed: string[] = [];
      for (const [path, bytes] of files.files) {
        const isSmall = bytes.length < every;
        for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / Math.min(places, bytes.length))) {
          for (const bit of isSmall ? [0, 1, 2, 3, 4, 5, 6, 7] : [at % 8]) {
            const damaged = Uint8Array.from(bytes);
            damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
            const report = await verifyLedger({ reader: memoryFiles(new Map(files.files).set(path, damaged)), vkey });
            if (report.ok) missed.push(`${path} byte ${at} bit ${bit}`);
          }
        }
      }
      expect(missed).toEqual([]);
    },
    60_000,
  );

  it("finds every missing, emptied, cut or prolonged file", async () => {
    const files = await published(lawfulEntries(600, signer));
    for (const [path, bytes] of files.files) {
      const without = new Map(files.files);
      without.delete(path);
      for (const other of [
        new Uint8Array(),
        bytes.subarray(1),
        bytes.subarray(0, -1),
        Buffer.concat([bytes, Buffer.of(0)]),
      ]) {
        expect(
          await verifyLedger({ reader: memoryFiles(new Map(files.files).set(path, other)), vkey }),
          path,
        ).toMatchObject({ ok: false });
      }
      expect(await verifyLedger({ reader: memoryFiles(without), vkey }), path).toMatchObject({ ok: false });
    }
  });

  it("says what is wrong and at which entry", async () => {
    const files = await published(lawfulEntries(600, signer));
    const tile = files.files.get("tile/0/001");
    if (tile !== undefined) tile[32 * 3] = (tile[32 * 3] ?? 0) ^ 1;
    expect((await verifyLedger({ reader: files, vkey })).problems).toEqual([
      { what: "tile/0/001 does not match what is below it, from hash 3 on.", index: 259 },
    ]);
  });

  it("finds files that have no business there, and lets the rest of a killed write pass", async () => {
    const files = await published(lawfulEntries(5, signer));
    files.files.set("tile/0/000.p/5.4711.tmp", Buffer.of(1));
    files.files.set("tile/0/000.p/6", Buffer.alloc(6 * 32));
    expect(await verifyLedger({ reader: files, vkey })).toMatchObject({ ok: true });
    files.files.set("tile/0/0", Buffer.of(1));
    expect((await verifyLedger({ reader: files, vkey })).problems).toEqual([
      { what: '"tile/0/0" is not a file of the ledger.', index: null },
    ]);
  });

  it("stops at a hundred problems, however large the checkpoint says the ledger is", async () => {
    const files = memoryFiles();
    files.files.set("checkpoint", signCheckpoint({ size: 2 ** 52, root: EMPTY_ROOT }, signer));
    expect((await verifyLedger({ reader: files, vkey })).problems).toHaveLength(100);
  });

  it("refuses a ledger signed by another key, and one of another origin", async () => {
    const files = await published(lawfulEntries(5, signer));
    expect(await verifyLedger({ reader: files, vkey: vkeyOf(testSigner()) })).toMatchObject({ ok: false });
    expect(await verifyLedger({ reader: files, vkey: vkeyOf({ ...signer, name: "elsewhere" }) })).toMatchObject({
      ok: false,
    });
  });

  it("refuses an empty ledger, which lacks its genesis", async () => {
    expect(await verifyLedger({ reader: await published([]), vkey })).toMatchObject({ ok: false, size: 0 });
  });

  it("tells how far it is after every bundle", async () => {
    const seen: number[] = [];
    await verifyLedger({
      reader: await published(lawfulEntries(600, signer)),
      vkey,
      onProgress: (progress) => void seen.push(progress.checked_entries),
    });
    expect(seen).toEqual([256, 512, 600]);
  });
});

describe("verifyLedger against the store", () => {
  const entries = lawfulEntries(700, signer);
  const judge = async (rows: readonly Uint8Array[], head = headOf(rows), size = 600) =>
    (await verifyLedger({ reader: await published(entries, [size]), vkey, entries: rowsOf(rows), head })).problems;

  it("agrees when the store is ahead of what is published", async () => {
    expect(await judge(entries)).toEqual([]);
    const report = await verifyLedger({
      reader: await published(entries, [600]),
      vkey,
      entries: rowsOf(entries),
      head: headOf(entries),
    });
    expect(report).toMatchObject({ ok: true, size: 600, checked_entries: 700 });
  });

  it("finds a row that was changed, published or not yet", async () => {
    const other = encodeEntry(intentEntry(9, { ceiling: 9 }));
    expect(await judge(entries.with(3, other))).toContainEqual({
      what: "The store's entry 3 differs from the published one.",
      index: 3,
    });
    expect(await judge(entries.with(650, other), headOf(entries))).toContainEqual({
      what: "The store's head has another root than its entries lead to.",
      index: null,
    });
  });

  it("finds a store that was rolled back behind its checkpoint", async () => {
    expect(await judge(entries.slice(0, 599))).toContainEqual({
      what: "The store lacks entry 599, which is published.",
      index: 599,
    });
    expect(await judge(entries.slice(0, 599))).toContainEqual({
      what: "The store's head is at 599, behind the published 600.",
      index: null,
    });
  });

  it("finds a head that does not fit its rows", async () => {
    expect(await judge(entries, { ...headOf(entries), size: 701 })).toContainEqual({
      what: "The store's head says 701 entries, and there are 700.",
      index: null,
    });
    expect(await judge(entries.slice(0, 600), { size: 600, root: EMPTY_ROOT })).toHaveLength(1);
  });

  it("finds a row out of its place", async () => {
    async function* gap() {
      for await (const row of rowsOf(entries)) if (row.index !== 650) yield row;
    }
    const { problems } = await verifyLedger({
      reader: await published(entries, [600]),
      vkey,
      entries: gap(),
      head: headOf(entries),
    });
    expect(problems).toContainEqual({ what: "The store has entry 651 where 650 belongs.", index: 650 });
  });

  it("does not vouch for a head ahead of the checkpoint without the rows between", async () => {
    expect(await verifyLedger({ reader: await published(entries, [600]), vkey, head: headOf(entries) })).toMatchObject({
      ok: false,
    });
    expect(
      await verifyLedger({ reader: await published(entries, [600]), vkey, head: headOf(entries.slice(0, 600)) }),
    ).toMatchObject({ ok: true });
  });

  it("closes the rows when it stops early", async () => {
    let isClosed = false;
    async function* rows() {
      try {
        for (;;) yield { index: 7, entry: Buffer.of(1) };
      } finally {
        isClosed = true;
      }
    }
    await verifyLedger({ reader: await published(entries), vkey, entries: rows() });
    expect(isClosed).toBe(true);
  });
});
