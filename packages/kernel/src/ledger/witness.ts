import { PrunellaError } from "@prunella/contract";
import type { Core } from "../core.ts";
import { lockName } from "../store/dialect.ts";
import type { Tx } from "../store/engine.ts";
import { parseForeignCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { cosign } from "./cosignature.ts";
import { openNote, parseNote, parseVkey, type Signer, type Verifier } from "./note.ts";
import { verifyConsistency } from "./tree-proof.ts";
import { EMPTY_ROOT, sameBytes } from "./tree.ts";
import { parseWitnessRequest, type WitnessRequest } from "./witness-request.ts";

/** What a witness says; the door gives each its status. */
export type Witnessed =
  | { readonly kind: "cosigned"; readonly lines: string }
  /** It is no request, or asks to go back. */
  | { readonly kind: "malformed" }
  | { readonly kind: "unknown_origin" }
  /** No key that was named for this origin signed it. */
  | { readonly kind: "unsigned" }
  /** The last that was cosigned has this size: the ledger starts from there, or has another past. */
  | { readonly kind: "conflict"; readonly size: number }
  | { readonly kind: "inconsistent" };

export interface Witness {
  add(this: void, request: Uint8Array): Promise<Witnessed>;
}

/**
 * Watches the ledgers of others: cosigns what extends the last that it saw of them, and never goes
 * back. It remembers one size and root for each origin, durably and before it answers.
 */
export function createWitness(
  { writer, clock }: Pick<Core, "writer" | "clock">,
  { signer, vkeys }: { readonly signer: Signer; readonly vkeys: readonly string[] },
): Witness {
  const known = vkeys.map((vkey) => parseVkey(vkey));
  return {
    async add(bytes) {
      const request = parseWitnessRequest(bytes);
      const opened = request === null ? null : open(request.checkpoint, known);
      if (request === null || opened === null) return { kind: "malformed" };
      if ("kind" in opened) return opened;
      const { text, checkpoint } = opened;
      if (request.oldSize > checkpoint.size) return { kind: "malformed" };
      const refused = await writer.run((tx) => advance(tx, request, checkpoint, clock.now()));
      return refused ?? { kind: "cosigned", lines: cosign(text, signer, Math.floor(clock.now() / 1_000)) };
    },
  };
}

type Opened = { readonly text: string; readonly checkpoint: Checkpoint };

/** Null: that is no signed checkpoint. */
function open(note: Uint8Array, known: readonly Verifier[]): Opened | Witnessed | null {
  return unlessBroken(() => {
    const { text } = parseNote(note);
    const checkpoint = parseForeignCheckpoint(text);
    const keys = known.filter(({ name }) => name === checkpoint.origin);
    if (keys.length === 0) return { kind: "unknown_origin" };
    const isSigned = keys.some((key) => unlessBroken(() => openNote(note, key)) !== null);
    return isSigned ? { text, checkpoint } : { kind: "unsigned" };
  });
}

/** Compares with what stands written and goes on from there, in one unit: two requests at once cannot go back. */
async function advance(
  tx: Tx,
  { oldSize, proof }: WitnessRequest,
  { origin, size, root }: Checkpoint,
  now: number,
): Promise<Witnessed | null> {
  await lockName(tx, `witness ${origin}`);
  const last = await tx.db.selectFrom("witness_origin").selectAll().where("origin", "=", origin).executeTakeFirst();
  const seen = last?.size ?? 0;
  if (oldSize !== seen) return { kind: "conflict", size: seen };
  const oldRoot = last ? Buffer.from(last.root, "hex") : EMPTY_ROOT;
  if (size === seen && !sameBytes(root, oldRoot)) return { kind: "conflict", size: seen };
  if (!verifyConsistency({ oldSize, oldRoot, size, root, proof })) return { kind: "inconsistent" };
  if (last && size === seen) return null;
  const row = { size, root: Buffer.from(root).toString("hex"), seen_at: now };
  await tx.db
    .insertInto("witness_origin")
    .values({ origin, ...row })
    .onConflict((conflict) => conflict.column("origin").doUpdateSet(row))
    .execute();
  return null;
}

function unlessBroken<T>(step: () => T): T | null {
  try {
    return step();
  } catch (error) {
    if (error instanceof PrunellaError && error.code === "PRUNELLA_LEDGER_BROKEN") return null;
    throw error;
  }
}
