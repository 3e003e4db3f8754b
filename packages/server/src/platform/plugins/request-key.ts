import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from "node:crypto";
import type { Signer } from "@prunella/kernel";

/** What requests to plugins elsewhere are signed with, so that those know who asks. */
export interface RequestKey {
  /** As Standard Webhooks writes it: `whpk_` and base64. */
  readonly publicKey: string;
  /** `v1a,` and base64, over `id.seconds.body`. */
  sign(id: string, seconds: string, body: string): string;
}

/** Of nothing else that is ever signed: what comes of it is kept from everybody. */
const LABEL = "prunella: the key of requests to plugins\n";
/** An Ed25519 seed as PKCS #8 (RFC 8410, section 7). */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * A key of its own, drawn from that of the ledger, which every node has and which is in each backup. Ed25519 signs the
 * same text the same way (RFC 8032), so all nodes draw the same; from it nobody learns the other.
 */
export function drawRequestKey(ledger: Pick<Signer, "sign">): RequestKey {
  const seed = createHash("sha256")
    .update(ledger.sign(Buffer.from(LABEL)))
    .digest();
  const key: KeyObject = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
  const { x = "" } = createPublicKey(key).export({ format: "jwk" });
  return {
    publicKey: `whpk_${Buffer.from(x, "base64url").toString("base64")}`,
    sign: (id, seconds, body) => `v1a,${sign(null, Buffer.from(`${id}.${seconds}.${body}`), key).toString("base64")}`,
  };
}
