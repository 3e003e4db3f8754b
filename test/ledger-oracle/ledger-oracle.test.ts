import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lawfulEntries, publishAll, testSigner } from "../../packages/kernel/src/ledger/ledger-fixture.ts";
import { vkeyOf } from "../../packages/kernel/src/ledger/note.ts";
import { formatProof } from "../../packages/kernel/src/ledger/proof.ts";
import { hashesFromTiles } from "../../packages/kernel/src/ledger/tile-hashes.ts";
import type { TileReader, TileWriter } from "../../packages/kernel/src/ledger/tiles.ts";
import { consistencyProof, inclusionProof } from "../../packages/kernel/src/ledger/tree-proof.ts";
import { needs } from "../needs.ts";

/** Where Debian's golang-golang-x-mod-dev puts the sources; GOPATH mode needs no module proxy. */
const GOPATH = "/usr/share/gocode";
const go = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/local/go/bin", "/usr/lib/go/bin"]
  .map((folder) => join(folder, "go"))
  .find((path) => existsSync(path));
const ready =
  needs("Go", go !== undefined) &&
  needs("golang.org/x/mod (Debian: golang-golang-x-mod-dev)", existsSync(`${GOPATH}/src/golang.org/x/mod/sumdb/tlog`));

const signer = testSigner("prunella.test/oracle");
const vkey = vkeyOf(signer);

describe.skipIf(!ready)("Go's sumdb packages", () => {
  const work = mkdtempSync(join(tmpdir(), "prunella-oracle-"));
  const oracle = join(work, "oracle");

  beforeAll(() => {
    const env = { ...process.env, GO111MODULE: "off", GOPATH, GOFLAGS: "", GOPROXY: "off", GOTOOLCHAIN: "local" };
    execFileSync(go ?? "go", ["build", "-o", oracle, join(import.meta.dirname, "main.go")], { env });
  }, 180_000);
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  const ask = (folder: string, ...args: string[]): { status: number | null; output: string } => {
    const { status, stdout, stderr } = spawnSync(oracle, [folder, vkey, ...args], { encoding: "utf8" });
    return { status, output: `${stdout}${stderr}`.trim() };
  };

  it.each([1, 2, 255, 256, 257, 600, 1024])("verify a ledger of %i entries that we wrote", async (size) => {
    const folder = join(work, `ledger-${size}`);
    await publishAll(lawfulEntries(size, signer), folderFiles(folder), signer);
    expect(ask(folder)).toEqual({ status: 0, output: `ok ${size} entries, ${size} proved` });
  });

  it("verify 70,000 entries, three levels of tiles", async () => {
    const folder = join(work, "ledger-70000");
    await publishAll(lawfulEntries(70_000, signer), folderFiles(folder), signer, [65_500, 70_000]);
    for (const path of [
      "tile/0/273.p/112",
      "tile/entries/273.p/112",
      "tile/1/000",
      "tile/1/001.p/17",
      "tile/2/000.p/1",
    ]) {
      expect(existsSync(join(folder, path)), path).toBe(true);
    }
    expect(ask(folder)).toEqual({ status: 0, output: "ok 70000 entries, 548 proved" });
  }, 120_000);

  it("accept our consistency and inclusion proofs", async () => {
    const folder = join(work, "ledger-proofs");
    const files = folderFiles(folder);
    const entries = lawfulEntries(601, signer);
    await publishAll(entries.slice(0, 300), files, signer);
    const old = join(work, "checkpoint.old");
    copyFileSync(join(folder, "checkpoint"), old);
    await publishAll(entries, files, signer, [300, 601]);

    const consistency = join(work, "consistency");
    const hashes = await consistencyProof(300, 601, hashesFromTiles(files, 601));
    writeFileSync(consistency, hashes.map((hash) => `${Buffer.from(hash).toString("base64")}\n`).join(""));

    const checkpoint = readFileSync(join(folder, "checkpoint"));
    const proofs: string[] = [];
    for (const index of [0, 1, 255, 256, 300, 511, 512, 599, 600]) {
      const path = join(work, `proof-${index}`);
      writeFileSync(
        path,
        formatProof({ index, hashes: await inclusionProof(index, 601, hashesFromTiles(files, 601)), checkpoint }),
      );
      writeFileSync(`${path}.entry`, entries[index] ?? "");
      proofs.push(path);
    }
    expect(ask(folder, old, consistency, ...proofs)).toEqual({ status: 0, output: "ok 601 entries, 601 proved" });
  });

  it("refuse a ledger with one flipped bit", async () => {
    const folder = join(work, "ledger-flipped");
    await publishAll(lawfulEntries(300, signer), folderFiles(folder), signer);
    const path = join(folder, "tile/entries/001.p/44");
    const bytes = readFileSync(path);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    expect(ask(folder)).toMatchObject({
      status: 1,
      output: expect.stringMatching(/^entry 25[67] does not match its leaf$/),
    });
  });
});

/** A folder as the platform will write it, without the fsync. */
function folderFiles(folder: string): TileReader & TileWriter {
  return {
    read: async (path) => (existsSync(join(folder, path)) ? readFileSync(join(folder, path)) : null),
    write: async (path, bytes) => {
      const target = join(folder, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(`${target}.tmp`, bytes);
      renameSync(`${target}.tmp`, target);
    },
    remove: async (path) => rmSync(join(folder, path), { force: true }),
  };
}
