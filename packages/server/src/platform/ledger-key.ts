import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { PrunellaError } from "@prunella/contract";
import type { Signer } from "@prunella/kernel";
import { z } from "zod";
import { writePrivate } from "./data-folder.ts";

/** The name is a log's origin, so it stands in notes: no white space, no plus. */
const KeyFile = z.strictObject({ name: z.string().regex(/^[^\s+]{1,200}$/), private_key: z.string() });

export const ledgerKeyPath = (folder: string): string => join(folder, "ledger-key.json");

/** The Ed25519 key that signs checkpoints; null where the folder has none. */
export function readLedgerKey(folder: string): Signer | null {
  const path = ledgerKeyPath(folder);
  if (!existsSync(path)) return null;
  try {
    return parseLedgerKey(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_LEDGER_BROKEN", {
      detail: `The signing key ${path} cannot be read.`,
      hint: "Restore it from a backup; without it nothing can be added to this ledger.",
      cause,
    });
  }
}

/** A fresh key, on disk before anything is begun with it. */
export function makeLedgerKey(folder: string): Signer {
  const { privateKey } = generateKeyPairSync("ed25519");
  // An origin names one log in the world; random, so that it gives nothing away.
  const name = `prunella.local/ledger-${randomBytes(6).toString("hex")}`;
  const text = JSON.stringify({ name, private_key: privateKey.export({ type: "pkcs8", format: "pem" }) });
  writeLedgerKey(ledgerKeyPath(folder), text);
  return parseLedgerKey(text);
}

/** Only for a key that nothing was begun with. */
export const removeLedgerKey = (folder: string): void => rmSync(ledgerKeyPath(folder), { force: true });

/** Mode 0600 and synced: what it signs cannot be signed again when it is lost. */
export function writeLedgerKey(path: string, text: string): void {
  writePrivate(path, text);
  for (const each of [path, dirname(path)]) {
    const open = openSync(each, "r");
    try {
      fsyncSync(open);
    } finally {
      closeSync(open);
    }
  }
}

/** Throws, for anything but a file that this program wrote. */
export function parseLedgerKey(text: string): Signer {
  const { name, private_key } = KeyFile.parse(JSON.parse(text));
  const privateKey = createPrivateKey(private_key);
  if (privateKey.asymmetricKeyType !== "ed25519") throw new Error("the key is not an Ed25519 key");
  const { x } = createPublicKey(private_key).export({ format: "jwk" });
  if (x === undefined) throw new Error("the key has no public half");
  return { name, publicKey: Buffer.from(x, "base64url"), sign: (bytes) => sign(null, bytes, privateKey) };
}
