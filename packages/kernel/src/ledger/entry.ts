import { isUtf8 } from "node:buffer";
import { LedgerEntry, PrunellaError } from "@prunella/contract";
import { canonicalJson, isCanonicalJson } from "./canonical-json.ts";
import { assertEntryFits } from "./tiles.ts";

/**
 * The leaf of an entry: its canonical JSON in UTF-8. Leaves cannot be taken back, so an entry that
 * its schema refuses is our defect and throws.
 */
export function encodeEntry(entry: LedgerEntry): Uint8Array {
  const checked = LedgerEntry.safeParse(entry);
  if (!checked.success) {
    const { path, message } = checked.error.issues[0] ?? { path: [], message: "unknown" };
    throw new PrunellaError("PRUNELLA_INTERNAL", {
      detail: `A ${entry.type} entry is not valid at ${path.join(".")}: ${message}.`,
    });
  }
  const bytes = Buffer.from(canonicalJson(checked.data), "utf8");
  assertEntryFits(bytes);
  return bytes;
}

export type Decoded =
  | { readonly kind: "entry"; readonly entry: LedgerEntry }
  | { readonly kind: "broken"; readonly what: string };

/** Reads a leaf back and says what is wrong with it, if anything. */
export function decodeEntry(bytes: Uint8Array): Decoded {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  let value: unknown;
  try {
    value = isUtf8(bytes) ? JSON.parse(text) : undefined;
  } catch {
    return { kind: "broken", what: "is not JSON" };
  }
  // The schema first: it is flat, so whatever nests deeply is out before anything recurses.
  const parsed = LedgerEntry.safeParse(value);
  if (!parsed.success) return { kind: "broken", what: "fits no entry type of the contract" };
  if (!isCanonicalJson(text, value)) return { kind: "broken", what: "is not canonical JSON" };
  return { kind: "entry", entry: parsed.data };
}
