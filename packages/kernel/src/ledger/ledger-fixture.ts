import { generateKeyPairSync, hash, sign } from "node:crypto";
import type { Because, LedgerEntry, Subject } from "@prunella/contract";
import { encodeEntry } from "./entry.ts";
import { vkeyOf, type Signer } from "./note.ts";
import { publish } from "./publish.ts";
import type { TileReader, TileWriter } from "./tiles.ts";
import { appendLeaf, EMPTY_FRONTIER, leafHash, rootOf, type Frontier } from "./tree.ts";

/** For tests only: a ledger in memory, with a throw-away key. */
export type MemoryFiles = TileReader & TileWriter & { readonly files: Map<string, Uint8Array> };

export function memoryFiles(files = new Map<string, Uint8Array>()): MemoryFiles {
  return {
    files,
    read: async (path) => files.get(path) ?? null,
    write: async (path, bytes) => void files.set(path, Uint8Array.from(bytes)),
    remove: async (path) => void files.delete(path),
    async *list() {
      yield* files.keys();
    },
  };
}

export function testSigner(name = "prunella.test/ledger"): Signer {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  return { name, publicKey: raw, sign: (bytes) => sign(null, bytes, privateKey) };
}

export const uuid = (n: number): string => `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;

/** A lawful history: genesis, then attempts from intent to verification, in fours. */
export function lawfulEntries(size: number, signer: Signer): Uint8Array[] {
  return Array.from({ length: size }, (_, i) => encodeEntry(lawfulEntry(i, signer)));
}

export function lawfulEntry(i: number, signer: Signer): LedgerEntry {
  if (i === 0) {
    const vkey_sha256 = hash("sha256", vkeyOf(signer), "hex");
    return { v: 1, type: "genesis", at: 1, origin: signer.name, vkey_sha256, software: "prunella test" };
  }
  const intent = i - ((i - 1) % 4);
  const common = { v: 1, at: i, project: "default", attempt: uuid(intent) } as const;
  switch (i - intent) {
    case 0:
      return intentEntry(intent, { ceiling: 1 });
    case 1:
      return { ...common, type: "attempt_started", intent };
    case 2:
      return { ...common, type: "attempt_outcome", intent, state: "succeeded" };
    default:
      return { ...common, type: "attempt_verified", intent, verification: "held" };
  }
}

export function intentEntry(
  n: number,
  given: {
    ceiling: number;
    project?: string;
    target?: string;
    trigger?: string;
    budgets?: Extract<LedgerEntry, { type: "attempt_intent" }>["budgets"];
    because?: Because;
    subject?: Subject;
  },
): LedgerEntry {
  const { ceiling, project = "default", target = "program:shop", trigger = "restart-shop" } = given;
  return {
    v: 1,
    type: "attempt_intent",
    at: n,
    project,
    attempt: uuid(n),
    subject: given.subject ?? { kind: "trigger", id: trigger },
    trigger,
    trigger_version: 1,
    fault: null,
    target,
    action: "restart",
    args_sha256: "a".repeat(64),
    because: given.because ?? { kind: "evaluation", id: uuid(n) },
    cause: { source: "crash", trust: "local", level: "fatal" },
    fence: n,
    not_before: n,
    expires_at: n + 1,
    budgets: given.budgets ?? [],
    ceilings: [{ scope: "trigger", max: ceiling, active: 1 }],
  };
}

export function frontierOf(entries: readonly Uint8Array[]): Frontier {
  let frontier = EMPTY_FRONTIER;
  for (const entry of entries) frontier = appendLeaf(frontier, leafHash(entry));
  return frontier;
}

/** Publishes the entries; `steps` are the sizes of the checkpoints on the way. */
export async function publishAll(
  entries: readonly Uint8Array[],
  files: TileReader & TileWriter,
  signer: Signer,
  steps: readonly number[] = [entries.length],
): Promise<void> {
  let from = 0;
  for (const size of steps) {
    const head = { size, root: rootOf(frontierOf(entries.slice(0, size))) };
    await publish({
      from,
      head,
      entries: async (start, end) => entries.slice(start, end),
      reader: files,
      writer: files,
      signer,
    });
    from = size;
  }
}

export async function* rowsOf(entries: readonly Uint8Array[]): AsyncGenerator<{ index: number; entry: Uint8Array }> {
  for (const [index, entry] of entries.entries()) yield { index, entry };
}
