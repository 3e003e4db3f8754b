import { PrunellaError } from "@prunella/contract";
import { decodeBase64, openNote, signNote, type Signer, type Verifier } from "./note.ts";
import { HASH_BYTES } from "./tree.ts";

/** C2SP tlog-checkpoint: what the whole ledger was at one size, in three lines. */
export type Checkpoint = { readonly origin: string; readonly size: number; readonly root: Uint8Array };

/** `origin \n size \n base64(root) \n`; we write no extension lines. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString("base64")}\n`;
}

/** Throws PRUNELLA_LEDGER_BROKEN when the text is anything but the one spelling of a checkpoint. */
export function parseCheckpoint(text: string): Checkpoint {
  const checkpoint = parseForeignCheckpoint(text);
  if (formatCheckpoint(checkpoint) !== text) throw broken();
  return checkpoint;
}

/** As {@link parseCheckpoint}; other logs may write further lines, which say nothing to us. */
export function parseForeignCheckpoint(text: string): Checkpoint {
  const [origin = "", sizeText = "", rootText = ""] = text.split("\n");
  const checkpoint = { origin, size: Number(sizeText), root: decodeBase64(rootText) ?? new Uint8Array() };
  const valid =
    origin !== "" &&
    Number.isSafeInteger(checkpoint.size) &&
    checkpoint.size >= 0 &&
    checkpoint.root.length === HASH_BYTES;
  // Printing it again refuses leading zeros, signs and exponents.
  const printed = valid ? formatCheckpoint(checkpoint) : "";
  if (printed === "" || !text.startsWith(printed)) throw broken();
  const further = text.slice(printed.length);
  if (further !== "" && !/^(?:[^\n]+\n)+$/.test(further)) throw broken();
  return checkpoint;
}

/** The origin is the signer's name, as the convention has it. */
export function signCheckpoint(tree: { readonly size: number; readonly root: Uint8Array }, signer: Signer): Uint8Array {
  return signNote(formatCheckpoint({ origin: signer.name, size: tree.size, root: tree.root }), signer);
}

/** The signed checkpoint, once its signature and origin hold. Throws PRUNELLA_LEDGER_BROKEN. */
export function openCheckpoint(bytes: Uint8Array, verifier: Verifier): Checkpoint {
  const checkpoint = parseCheckpoint(openNote(bytes, verifier));
  if (checkpoint.origin !== verifier.name)
    throw new PrunellaError("PRUNELLA_LEDGER_BROKEN", { detail: "The checkpoint's origin is not the key's name." });
  return checkpoint;
}

const broken = (): PrunellaError =>
  new PrunellaError("PRUNELLA_LEDGER_BROKEN", { detail: "The checkpoint is not origin, size and root." });
