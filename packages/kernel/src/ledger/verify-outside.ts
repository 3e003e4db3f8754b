import { PrunellaError } from "@prunella/contract";
import type { Checkpoint } from "./checkpoint.ts";
import { cosignaturesOf, parseWitnessVkey } from "./cosignature.ts";
import { checkKept, treeOf, type Kept } from "./kept.ts";
import type { Verifier } from "./note.ts";
import type { Problems } from "./problems.ts";
import { hashesFromTiles } from "./tile-hashes.ts";
import type { TileReader } from "./tiles.ts";
import { consistencyProof } from "./tree-proof.ts";

/** What others hold against a rewritten ledger: the folder and its key alone can make any past fit. */
export type Outside = {
  /** Each must be extended by the published checkpoint. */
  readonly kept?: readonly Kept[];
  /** Their vkeys. Whatever cosignature of theirs stands there must hold. */
  readonly witnesses?: readonly string[];
  /** A missing cosignature is a problem too. */
  readonly demandsWitnesses?: boolean;
};

/** `published` has a checked signature and its tiles were compared with what is below them. */
export async function checkOutside(
  { kept = [], witnesses = [], demandsWitnesses = false }: Outside,
  published: Checkpoint,
  verifier: Verifier,
  reader: TileReader,
  problems: Problems,
): Promise<void> {
  for (const one of kept) {
    if (problems.full()) return;
    const what = checkKept(one, verifier, { ...published, proof: await proofFrom(one, published, reader) });
    if (what !== null) problems.add(what, null);
  }
  if (witnesses.length === 0) return;
  const note = await reader.read("checkpoint");
  if (note === null) return;
  for (const vkey of witnesses) {
    const witness = problems.attempt(() => parseWitnessVkey(vkey));
    const found = witness === null ? null : problems.attempt(() => cosignaturesOf(note, [witness]));
    if (witness === null || found === null) continue;
    if (found.some(({ seconds }) => seconds === null))
      problems.add(`The cosignature of ${witness.name} does not hold.`, null);
    if (found.length === 0 && demandsWitnesses)
      problems.add(`The checkpoint carries no cosignature of ${witness.name}.`, null);
  }
}

/** Empty where there is none: then the comparison fails, and says why. */
async function proofFrom(kept: Kept, { size }: Checkpoint, reader: TileReader): Promise<readonly Uint8Array[]> {
  const old = treeOf(kept).size;
  if (old > size) return [];
  try {
    return await consistencyProof(old, size, hashesFromTiles(reader, size));
  } catch (error) {
    // The missing tile is a problem of its own already.
    if (error instanceof PrunellaError && error.code === "PRUNELLA_LEDGER_BROKEN") return [];
    throw error;
  }
}
