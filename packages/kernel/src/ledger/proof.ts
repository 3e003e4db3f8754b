import { PrunellaError } from "@prunella/contract";
import { openCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { decodeBase64, type Verifier } from "./note.ts";
import { verifyInclusion } from "./tree-proof.ts";
import { HASH_BYTES, leafHash } from "./tree.ts";

const HEADER = "c2sp.org/tlog-proof@v1";

/** C2SP tlog-proof: one entry's place in the ledger, provable offline with the vkey alone. */
export type LedgerProof = {
  readonly index: number;
  /** Inclusion proof, from the leaf upwards. */
  readonly hashes: readonly Uint8Array[];
  /** The signed checkpoint, as published. */
  readonly checkpoint: Uint8Array;
};

export function formatProof({ index, hashes, checkpoint }: LedgerProof): Uint8Array {
  const lines = hashes.map((hash) => `${Buffer.from(hash).toString("base64")}\n`).join("");
  return Buffer.concat([Buffer.from(`${HEADER}\nindex ${index}\n${lines}\n`), checkpoint]);
}

/** Takes a proof apart without judging it. Throws PRUNELLA_LEDGER_BROKEN. */
export function parseProof(bytes: Uint8Array): LedgerProof {
  const blank = Buffer.from(bytes).indexOf("\n\n");
  const [header, indexLine = "", ...hashLines] = Buffer.from(bytes.subarray(0, Math.max(blank, 0)))
    .toString()
    .split("\n");
  const index = Number(/^index (0|[1-9]\d{0,15})$/.exec(indexLine)?.[1] ?? Number.NaN);
  const hashes = hashLines
    .map(decodeBase64)
    .filter((hash) => hash !== null)
    .filter((hash) => hash.length === HASH_BYTES);
  // A tree of 2^53 leaves is 53 high.
  if (header !== HEADER || !Number.isSafeInteger(index) || hashes.length !== hashLines.length || hashes.length > 53) {
    throw new PrunellaError("PRUNELLA_LEDGER_BROKEN", { detail: "That is not a tlog-proof." });
  }
  return { index, hashes, checkpoint: bytes.subarray(blank + 2) };
}

/** The checkpoint that holds this entry at the proof's index. Throws PRUNELLA_LEDGER_BROKEN otherwise. */
export function verifyProof(
  bytes: Uint8Array,
  entry: Uint8Array,
  verifier: Verifier,
): { index: number; checkpoint: Checkpoint } {
  const { index, hashes, checkpoint: signed } = parseProof(bytes);
  const checkpoint = openCheckpoint(signed, verifier);
  const { size, root } = checkpoint;
  if (!verifyInclusion({ index, size, leaf: leafHash(entry), proof: hashes, root })) {
    throw new PrunellaError("PRUNELLA_LEDGER_BROKEN", {
      detail: `The proof does not lead from entry ${index} to the root.`,
    });
  }
  return { index, checkpoint };
}
