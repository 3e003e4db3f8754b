import { createHash, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import type { LedgerReport } from "@prunella/contract";
import {
  appendLedger,
  compareRows,
  createWriter,
  publish,
  readEntries,
  readHead,
  verifyLedger,
  vkeyOf,
  type Engine,
  type Signer,
} from "@prunella/kernel";

const { privateKey } = generateKeyPairSync("ed25519");
export const TEST_SIGNER: Signer = {
  name: "prunella.test/ledger",
  publicKey: Buffer.from(createPublicKey(privateKey).export({ format: "jwk" }).x ?? "", "base64url"),
  sign: (bytes) => sign(null, bytes, privateKey),
};

/** Entry 0, when the database has none yet. */
export async function beginLedger(engine: Engine, now: number): Promise<void> {
  if ((await readHead(engine.reader)).size > 0) return;
  const writer = createWriter(engine);
  const vkey_sha256 = createHash("sha256").update(vkeyOf(TEST_SIGNER)).digest("hex");
  await writer.run((tx) =>
    appendLedger(tx, { v: 1, at: now, type: "genesis", origin: TEST_SIGNER.name, vkey_sha256, software: "test" }),
  );
  await writer.close();
}

/** Publishes the store's entries into memory, verifies them like an outsider and compares them with the rows; the problems found. */
export async function verifyRows(engine: Engine): Promise<LedgerReport["problems"]> {
  const files = new Map<string, Uint8Array>();
  const folder = {
    read: async (path: string) => files.get(path) ?? null,
    write: async (path: string, bytes: Uint8Array) => void files.set(path, bytes),
    remove: async (path: string) => void files.delete(path),
  };
  const head = await readHead(engine.reader);
  const size = { size: head.size, root: Buffer.from(head.root, "hex") };
  const entries = async (start: number, end: number) =>
    (await readEntries(engine.reader, start, end)).map((row) => Buffer.from(row.entry));
  await publish({ from: 0, head: size, entries, reader: folder, writer: folder, signer: TEST_SIGNER });
  const report = await verifyLedger({ reader: folder, vkey: vkeyOf(TEST_SIGNER), head: size });
  return [...report.problems, ...(await compareRows(engine))];
}
