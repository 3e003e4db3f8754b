import { describe, expect, it } from "vitest";
import { lawfulEntries, memoryFiles, publishAll, testSigner } from "./ledger-fixture.ts";
import { parseVkey, vkeyOf } from "./note.ts";
import { formatProof, parseProof, verifyProof } from "./proof.ts";
import { hashesFromTiles } from "./tile-hashes.ts";
import { inclusionProof } from "./tree-proof.ts";

const SIZE = 300;
const signer = testSigner();
const verifier = parseVkey(vkeyOf(signer));
const entries = lawfulEntries(SIZE, signer);
const BROKEN = expect.objectContaining({ code: "PRUNELLA_LEDGER_BROKEN" });

async function proofOf(index: number): Promise<Uint8Array> {
  const files = memoryFiles();
  await publishAll(entries, files, signer);
  const hashes = await inclusionProof(index, SIZE, hashesFromTiles(files, SIZE));
  return formatProof({ index, hashes, checkpoint: (await files.read("checkpoint")) ?? Buffer.alloc(0) });
}

describe("tlog-proof", () => {
  it.each([0, 1, 255, 256, 298, 299])("proves entry %i from published tiles", async (index) => {
    const { checkpoint, ...proved } = verifyProof(await proofOf(index), entries[index] ?? Buffer.alloc(0), verifier);
    expect({ ...proved, size: checkpoint.size }).toEqual({ index, size: SIZE });
  });

  it("starts with its name and the index", async () => {
    expect(Buffer.from(await proofOf(299)).toString()).toMatch(
      /^c2sp\.org\/tlog-proof@v1\nindex 299\n(?:[A-Za-z0-9+/]{43}=\n)+\nprunella\.test\/ledger\n300\n/,
    );
  });

  it("does not prove another entry", async () => {
    const proof = await proofOf(7);
    expect(() => verifyProof(proof, entries[8] ?? Buffer.alloc(0), verifier)).toThrow(BROKEN);
  });

  it("fails with any flipped byte", async () => {
    const proof = await proofOf(7);
    for (let at = 0; at < proof.length; at++) {
      const damaged = Uint8Array.from(proof);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
      expect(() => verifyProof(damaged, entries[7] ?? Buffer.alloc(0), verifier), `byte ${at}`).toThrow(BROKEN);
    }
  });

  it.each([
    "",
    "\n\n",
    "c2sp.org/tlog-proof@v1\nindex 01\n\nx",
    "c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx",
    "c2sp.org/tlog-proof@v2\nindex 1\n\nx",
    "c2sp.org/tlog-proof@v1\n\nx",
  ])("does not parse from %j", (text) => {
    expect(() => parseProof(Buffer.from(text))).toThrow(BROKEN);
  });
});
