import {
  formatSignatureLine,
  isBy,
  keyId,
  parseNote,
  parseVkey,
  vkeyOf,
  type SignatureLine,
  type Signer,
  type Verifier,
} from "./note.ts";

/** C2SP tlog-cosignature: Ed25519 with a time, over a text that no checkpoint can be. */
const COSIGNATURE = 0x04;
const TIME_BYTES = 8;

/** The vkey by which others know a witness. */
export const witnessVkeyOf = (signer: Pick<Signer, "name" | "publicKey">): string => vkeyOf(signer, COSIGNATURE);

/** Throws PRUNELLA_LEDGER_BROKEN. */
export const parseWitnessVkey = (vkey: string): Verifier => parseVkey(vkey, COSIGNATURE);

/** A signature line that says: at this time, this was the largest tree of this ledger that I have seen. */
export function cosign(text: string, signer: Signer, seconds: number): string {
  const { name } = signer;
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(seconds));
  const signature = Buffer.concat([time, signer.sign(messageOf(text, seconds))]);
  return formatSignatureLine({ name, keyId: keyId(name, signer.publicKey, COSIGNATURE), signature });
}

/** When the witness signed this text, in seconds since 1970; null when the line is not its, or does not hold. */
export function cosignedAt(text: string, line: SignatureLine, witness: Verifier): number | null {
  if (!isBy(line, witness) || line.signature.length < TIME_BYTES) return null;
  const bytes = Buffer.from(line.signature);
  const seconds = Number(bytes.readBigUInt64BE());
  if (!Number.isSafeInteger(seconds)) return null;
  return witness.verify(messageOf(text, seconds), bytes.subarray(TIME_BYTES)) ? seconds : null;
}

export type Cosigned = { readonly name: string; readonly seconds: number | null };

/** What of a note's signatures is by these witnesses; `seconds` is null where the signature does not hold. */
export function cosignaturesOf(note: Uint8Array, witnesses: readonly Verifier[]): Cosigned[] {
  const { text, signatures } = parseNote(note);
  return witnesses.flatMap((witness) =>
    signatures
      .filter((line) => isBy(line, witness))
      .map((line) => ({ name: witness.name, seconds: cosignedAt(text, line, witness) })),
  );
}

function messageOf(text: string, seconds: number): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);
}
