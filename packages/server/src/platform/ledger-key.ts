import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PrunellaError } from "@prunella/contract";
import type { Signer } from "@prunella/kernel";
import { z } from "zod";
import { writePrivate } from "./data-folder.ts";

const KeyFile = z.strictObject({ name: z.string(), private_key: z.string() });

/** The Ed25519 key that signs checkpoints, made on the first start; its file has mode 0600. */
export function openLedgerKey(folder: string): Signer {
  const path = join(folder, "ledger-key.json");
  if (!existsSync(path)) {
    const { privateKey } = generateKeyPairSync("ed25519");
    // An origin names one log in the world; random, so that it gives nothing away.
    const name = `prunella.local/ledger-${randomBytes(6).toString("hex")}`;
    writePrivate(path, JSON.stringify({ name, private_key: privateKey.export({ type: "pkcs8", format: "pem" }) }));
  }
  try {
    const file = KeyFile.parse(JSON.parse(readFileSync(path, "utf8")));
    return toSigner(file.name, createPrivateKey(file.private_key));
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_LEDGER_BROKEN", {
      detail: `The signing key ${path} cannot be read.`,
      hint: "Restore it from a backup; without it nothing can be added to this ledger.",
      cause,
    });
  }
}

function toSigner(name: string, privateKey: KeyObject): Signer {
  const { x } = createPublicKey(privateKey).export({ format: "jwk" });
  if (x === undefined) throw new Error("the key is not an Ed25519 key");
  return { name, publicKey: Buffer.from(x, "base64url"), sign: (bytes) => sign(null, bytes, privateKey) };
}
