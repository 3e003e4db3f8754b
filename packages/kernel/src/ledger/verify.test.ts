import { describe, expect, it } from "vitest";
import { intentEntry, lawfulEntries, memoryFiles, publishAll, rowsOf, testSigner, frontierOf, uuid } from "./ledger-fixture.ts";
import { encodeEntry } from "./entry.ts";
import { vkeyOf } from "./note.ts";
import { rootOf } from "./tree.ts";
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
  it.each([1, 2, 255, 256, 257, 511, 512, 600])("finds nothing wrong with a sound ledger of %i entries", async (size) => {
    const entries = lawfulEntries(size, signer);
    const report = await verifyLedger({ reader: await published(entries), vkey, entries: rowsOf(entries), head: headOf(entries) });
    expect(report).toMatchObject({ ok: true, size, checked_entries: size, problems: [] });
    expect(report.root).toBe(Buffer.from(rootOf(frontierOf(entries))).toString("hex"));
  });

  it("finds any one flipped byte in any file", async () => {
    const entries = lawfulEntries(600, signer);
    // The steps leave superseded partial tiles behind, as a crash between checkpoint and removal does.
    const files = await published(entries);
    const stale = await published(entries.slice(0, 570));
    for (const [path, bytes] of stale.files) if (path.includes(".p/")) files.files.set(path, bytes);
    files.files.set("vkey", Buffer.from(`${vkey}\n`));
    expect(await verifyLedger({ reader: files, vkey })).toMatchObject({ ok: true });
    const missed: string[] = [];
    for (const [path, bytes] of files.files) {
      const step = bytes.length < 300 ? 1 : Math.ceil(bytes.length / 40);
      for (let at = 0; at < bytes.length; at += step) {
        for (const flip of bytes.length < 300 ? [1, 2, 4, 8, 16, 32, 64, 128] : [1 << (at % 8)]) {
          const damaged = Uint8Array.from(bytes);
          damaged[at] = (damaged[at] ?? 0) ^ flip;
          const report = await verifyLedger({ reader: memoryFiles(new Map(files.files).set(path, damaged)), vkey });
          if (report.ok) missed.push(`${path} byte ${at} flip ${flip}`);
        }
      }
    }
    expect(missed).toEqual([]);
  }, 120_000);
});
