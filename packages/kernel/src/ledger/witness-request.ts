import { decodeBase64 } from "./note.ts";
import { HASH_BYTES } from "./tree.ts";

/** C2SP tlog-witness: what a ledger sends to its witness, so that this one sees that nothing was taken back. */
export type WitnessRequest = {
  /** The size that the witness has seen last; 0 when it has seen none. */
  readonly oldSize: number;
  /** RFC 6962 consistency proof from there to the checkpoint. */
  readonly proof: readonly Uint8Array[];
  /** The signed checkpoint, as published. */
  readonly checkpoint: Uint8Array;
};

/** Each of a tree's levels gives one hash at most. */
const MAX_PROOF_LINES = 63;

export function formatWitnessRequest({ oldSize, proof, checkpoint }: WitnessRequest): Uint8Array {
  const lines = proof.map((hash) => `${Buffer.from(hash).toString("base64")}\n`).join("");
  return Buffer.concat([Buffer.from(`old ${oldSize}\n${lines}\n`), checkpoint]);
}

/** Null when the bytes are no such request. Whether its checkpoint is one, is not looked at. */
export function parseWitnessRequest(bytes: Uint8Array): WitnessRequest | null {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blank = body.indexOf("\n\n");
  if (blank === -1) return null;
  const [first = "", ...lines] = body.subarray(0, blank).toString("latin1").split("\n");
  const oldSize = Number(/^old (0|[1-9]\d{0,15})$/.exec(first)?.[1] ?? Number.NaN);
  const proof = lines.map(decodeBase64).filter((hash) => hash !== null && hash.length === HASH_BYTES);
  if (!Number.isSafeInteger(oldSize) || lines.length > MAX_PROOF_LINES || proof.length < lines.length) return null;
  return { oldSize, proof: proof.filter((hash) => hash !== null), checkpoint: body.subarray(blank + 2) };
}
