import { createPublicKey, hash, verify } from "node:crypto";
import { PrunellaError } from "@prunella/contract";

/** C2SP signed-note: text, a blank line, then one line per signature. Keys are Ed25519 (type 0x01). */
const ED25519 = 0x01;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const KEY_ID_BYTES = 4;

/** Holds a private key somewhere else and signs with it. */
export interface Signer {
  /** Key name, by convention the ledger's origin: no white space, no plus. */
  readonly name: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Ed25519 over the bytes, 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

export type Verifier = {
  readonly name: string;
  readonly keyId: Uint8Array;
  verify(text: Uint8Array, signature: Uint8Array): boolean;
};
export type SignatureLine = { readonly name: string; readonly keyId: Uint8Array; readonly signature: Uint8Array };
export type Note = { readonly text: string; readonly signatures: readonly SignatureLine[] };

/** First 4 bytes of SHA-256(name || 0x0A || type || public key). The type keeps one key's uses apart. */
export function keyId(name: string, publicKey: Uint8Array, type = ED25519): Uint8Array {
  return hash("sha256", Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), publicKey]), "buffer").subarray(
    0,
    KEY_ID_BYTES,
  );
}

/** The verifier key that outsiders pin: `name+hex8+base64`. */
export function vkeyOf({ name, publicKey }: Pick<Signer, "name" | "publicKey">, type = ED25519): string {
  assertKey(name, publicKey);
  const key = Buffer.concat([Buffer.of(type), publicKey]).toString("base64");
  return `${name}+${Buffer.from(keyId(name, publicKey, type)).toString("hex")}+${key}`;
}

/** Reads a vkey, with or without one newline at its end. Throws PRUNELLA_LEDGER_BROKEN. */
export function parseVkey(vkey: string, type = ED25519): Verifier {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\n?$/.exec(vkey);
  const [, name = "", id = "", base64 = ""] = match ?? [];
  const key = decodeBase64(base64);
  if (match === null || key === null || key.length !== 1 + KEY_BYTES || key[0] !== type || !isKeyName(name)) {
    throw broken(`The verifier key is not name+hex8+base64 of an Ed25519 key of type ${type}.`);
  }
  const publicKey = key.subarray(1);
  const expected = keyId(name, publicKey, type);
  if (Buffer.from(expected).toString("hex") !== id)
    throw broken("The verifier key's id does not fit its name and key.");
  const x = Buffer.from(publicKey).toString("base64url");
  const handle = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return {
    name,
    keyId: expected,
    verify: (text, signature) => signature.length === SIGNATURE_BYTES && verify(null, text, handle, signature),
  };
}

/** Signs a text that ends in a newline and returns the whole note. */
export function signNote(text: string, signer: Signer): Uint8Array {
  assertKey(signer.name, signer.publicKey);
  if (!isNoteText(text))
    throw new PrunellaError("PRUNELLA_INTERNAL", {
      detail: "A note's text must end in a newline and hold no control characters.",
    });
  const { name } = signer;
  const line = { name, keyId: keyId(name, signer.publicKey), signature: signer.sign(Buffer.from(text)) };
  return Buffer.from(`${text}\n${formatSignatureLine(line)}`);
}

export function formatSignatureLine({ name, keyId: id, signature }: SignatureLine): string {
  return `\u2014 ${name} ${Buffer.concat([id, signature]).toString("base64")}\n`;
}

/** Takes a note apart without judging its signatures. Throws PRUNELLA_LEDGER_BROKEN. */
export function parseNote(bytes: Uint8Array): Note {
  let note: string;
  try {
    note = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw broken("The note is not UTF-8.", cause);
  }
  const blank = note.lastIndexOf("\n\n");
  if (blank === -1 || !note.endsWith("\n")) throw broken("The note lacks its blank line or its last newline.");
  const text = note.slice(0, blank + 1);
  if (!isNoteText(text)) throw broken("The note's text holds control characters.");
  const lines = note.slice(blank + 2, -1).split("\n");
  // Go's reader, which the wild agrees with, takes at most 100.
  if (lines.length > 100) throw broken("The note has more than 100 signatures.");
  return { text, signatures: lines.map(parseSignatureLine) };
}

/**
 * The note's text, once one signature of this key holds. Signatures of other keys (witnesses) are
 * allowed and not judged. Throws PRUNELLA_LEDGER_BROKEN.
 */
export function openNote(bytes: Uint8Array, verifier: Verifier): string {
  const { text, signatures } = parseNote(bytes);
  const ours = signatures.filter((line) => isBy(line, verifier));
  if (ours.length === 0) throw broken(`The note carries no signature of ${verifier.name}.`);
  const signed = Buffer.from(text);
  if (!ours.every(({ signature }) => verifier.verify(signed, signature)))
    throw broken("The note's signature does not hold.");
  return text;
}

/** Name and id together name a key; whether the signature holds is another question. */
export function isBy(line: SignatureLine, key: Pick<Verifier, "name" | "keyId">): boolean {
  return line.name === key.name && Buffer.compare(line.keyId, key.keyId) === 0;
}

/** One signature line without its newline. Throws PRUNELLA_LEDGER_BROKEN. */
export function parseSignatureLine(line: string): SignatureLine {
  const match = /^\u2014 ([^ ]+) ([A-Za-z0-9+/=]+)$/.exec(line);
  const [, name = "", base64 = ""] = match ?? [];
  const decoded = decodeBase64(base64);
  if (match === null || decoded === null || decoded.length <= KEY_ID_BYTES || !isKeyName(name))
    throw broken("A signature line is malformed.");
  return { name, keyId: decoded.subarray(0, KEY_ID_BYTES), signature: decoded.subarray(KEY_ID_BYTES) };
}

/** Strict base64: the one spelling that encoding gives back, so no spare bit can be flipped unseen. */
export function decodeBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : null;
}

function isNoteText(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what the format forbids
  return text.endsWith("\n") && text.isWellFormed() && !/[\u0000-\u0009\u000b-\u001f]/.test(text);
}

function isKeyName(name: string): boolean {
  return name !== "" && !/[\s+]/u.test(name) && name.isWellFormed();
}

function assertKey(name: string, publicKey: Uint8Array): void {
  if (isKeyName(name) && publicKey.length === KEY_BYTES) return;
  throw new PrunellaError("PRUNELLA_INTERNAL", {
    detail: "A signer needs a name without white space or plus, and a key of 32 bytes.",
  });
}

function broken(detail: string, cause?: unknown): PrunellaError {
  return new PrunellaError("PRUNELLA_LEDGER_BROKEN", cause === undefined ? { detail } : { detail, cause });
}
