/** The browser's own check against what the kernel publishes: two programs that share no code. */
import { LEDGER_ENTRIES } from "@prunella/contract";
import { formatKept, parseVkey } from "@prunella/kernel";
import { expect, it } from "vitest";
import { lawfulEntries, memoryFiles, publishAll, testSigner } from "../../../kernel/src/ledger/ledger-fixture.ts";
import { vkeyOf } from "../../../kernel/src/ledger/note.ts";
import { verifyProof } from "../../../kernel/src/ledger/proof.ts";
import type { Bytes } from "./bytes.ts";
import { TYPES } from "./filter.tsx";
import { proofOf, verifyHere } from "./verify-here.ts";

const SIZE = 700;
const signer = testSigner();
const entries = lawfulEntries(SIZE, signer);

async function published(size = SIZE, of = entries) {
  const memory = memoryFiles();
  await publishAll(of.slice(0, size), memory, signer);
  await memory.write("vkey", Buffer.from(`${vkeyOf(signer)}\n`));
  const read = async (path: string): Promise<Bytes | null> => {
    const bytes = await memory.read(path);
    return bytes === null ? null : new Uint8Array(bytes);
  };
  return { memory, read };
}
const check = (read: Parameters<typeof verifyHere>[0], kept = "") =>
  verifyHere(read, { kept, now: "2026-11-29T00:00:00Z", onProgress: () => undefined });

async function keptAt(size: number, of = entries): Promise<string> {
  const { memory } = await published(size, of);
  const note = (await memory.read("checkpoint")) ?? new Uint8Array();
  return formatKept(note, parseVkey(vkeyOf(signer)), "2026-11-01T00:00:00Z");
}

it.each([1, 2, 255, 256, 257, 700])(
  "verifies a ledger of %i entries and gives the line that the command prints",
  async (size) => {
    const { read, memory } = await published(size);
    const verified = await check(read);
    expect(verified).toMatchObject({ size, signed: "holds", problems: [], since: null });
    const note = (await memory.read("checkpoint")) ?? new Uint8Array();
    expect(verified.line).toBe(formatKept(note, parseVkey(vkeyOf(signer)), "2026-11-29T00:00:00Z"));
  },
);

it("finds a changed entry, another key, and a first entry that is not of this ledger", async () => {
  const { read, memory } = await published();
  const path = "tile/entries/001";
  const bundle = await memory.read(path);
  if (bundle === null) throw new Error("no such bundle");
  bundle[bundle.length - 1] = (bundle.at(-1) ?? 0) ^ 1;
  expect((await check(read)).problems).toEqual([expect.stringMatching(/^The entries lead to the root/)]);
  await memory.write("vkey", Buffer.from(vkeyOf(testSigner())));
  expect(await check(read)).toMatchObject({
    signed: "broken",
    problems: [
      expect.stringContaining("does not carry a signature"),
      expect.stringContaining("Entry 0 does not name"),
      expect.stringContaining("lead to the root"),
    ],
  });
});

it.each([1, 255, 256, 300, 699, 700])(
  "says that the ledger still begins with a checkpoint of %i entries",
  async (size) => {
    const { read } = await published();
    const kept = await keptAt(size);
    expect(await check(read, kept)).toMatchObject({ problems: [], since: size });
    expect(await check(read, kept.slice(kept.indexOf(" ") + 1))).toMatchObject({ problems: [], since: size });
  },
);

it("takes a whole signed note as it is published too", async () => {
  const { read } = await published();
  const { memory } = await published(300);
  const note = Buffer.from((await memory.read("checkpoint")) ?? []).toString();
  expect(await check(read, note)).toMatchObject({ problems: [], since: 300 });
});

it("finds another past, a cut, another ledger, a changed line, and what is no checkpoint", async () => {
  const { read } = await published(300);
  const other = entries.map((entry, at) => (at === 3 ? Buffer.concat([entry, Buffer.from(" ")]) : entry));
  for (const [kept, says] of [
    [await keptAt(200, other), "The history before entry 200 was changed"],
    [await keptAt(700), "has 300 entries and had 700"],
    [(await keptAt(200)).replace(signer.name, "other.example/ledger"), "of another ledger"],
    [(await keptAt(200)).replace(" 200 ", " 201 "), "does not carry this key’s signature"],
    ["what somebody found on a napkin", "is no checkpoint"],
  ] as const)
    expect((await check(read, kept)).problems, says).toEqual([expect.stringContaining(says)]);
});

it.each([0, 1, 255, 256, 511, 600, 699])(
  "gives a proof of entry %i that the verifier key alone checks",
  async (index) => {
    const { read } = await published();
    const { proof, entry } = await proofOf(read, index);
    expect(verifyProof(proof, entry, parseVkey(vkeyOf(signer))).index).toBe(index);
    expect(Buffer.from(entry).equals(entries[index] ?? Buffer.alloc(0))).toBe(true);
  },
);

it("gives no proof that does not hold, nor of what is not published", async () => {
  const { read, memory } = await published();
  await expect(proofOf(read, SIZE)).rejects.toThrow("not published yet");
  const tile = await memory.read("tile/0/001");
  if (tile === null) throw new Error("no such tile");
  tile[0] = (tile[0] ?? 0) ^ 1;
  await expect(proofOf(read, 300)).rejects.toThrow("do not lead from entry 300");
});

it("offers every type of entry that there is to look for", () => {
  expect([...TYPES].toSorted()).toEqual(Object.keys(LEDGER_ENTRIES).toSorted());
});
