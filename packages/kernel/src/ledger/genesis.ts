import { createHash } from "node:crypto";
import type { LedgerEntry } from "@prunella/contract";
import { lockName } from "../store/dialect.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { appendLedger, readEntries } from "./append.ts";
import { decodeEntry } from "./entry.ts";
import { vkeyOf, type Signer } from "./note.ts";

/** What entry 0 says: whose ledger this is. */
export interface Genesis {
  /** The name of the key that it was begun with. */
  readonly origin: string;
  isOf(signer: Signer): boolean;
}

/** Null while the ledger has not been begun. */
export async function readGenesis(db: Engine["reader"]): Promise<Genesis | null> {
  const [first] = await readEntries(db, 0, 1);
  if (!first) return null;
  const decoded = decodeEntry(Buffer.from(first.entry));
  // A first entry that is none belongs to nobody; verification says what is wrong with it.
  if (decoded.kind !== "entry" || decoded.entry.type !== "genesis") return { origin: "unknown", isOf: () => false };
  const { origin, vkey_sha256 } = decoded.entry;
  return { origin, isOf: (signer) => signer.name === origin && digestOf(signer) === vkey_sha256 };
}

/** Begins the ledger with this key, unless another process was first; whichever genesis stands then. */
export async function beginLedger(tx: Tx, now: number, signer: Signer, software: string): Promise<Genesis> {
  // There is no head row yet that two processes could wait for.
  await lockName(tx, "ledger");
  const standing = await readGenesis(tx.db);
  if (standing) return standing;
  const entry: LedgerEntry = {
    v: 1,
    at: now,
    type: "genesis",
    origin: signer.name,
    vkey_sha256: digestOf(signer),
    software,
  };
  await appendLedger(tx, entry);
  return { origin: signer.name, isOf: (other) => digestOf(other) === entry.vkey_sha256 };
}

const digestOf = (signer: Signer): string => createHash("sha256").update(vkeyOf(signer)).digest("hex");
