import { PrunellaError } from "@prunella/contract";
import { openCheckpoint, parseCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { formatSignatureLine, isBy, parseNote, parseSignatureLine, type Verifier } from "./note.ts";
import { verifyConsistency } from "./tree-proof.ts";

/**
 * A checkpoint that somebody keeps outside of the data folder. Whoever has the folder has the key and
 * can sign another past; that it does not extend this one is what gives them away.
 */
export type Kept = {
  /** When it was put there, as the line says; null when it says nothing. Nobody signed that. */
  readonly at: string | null;
  /** The signed note. */
  readonly note: Uint8Array;
};

/** Lines of a file that are looked at; as many are written in more than half a year of the default. */
const MAX_LINES = 50_000;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/;

/** `time origin size root signature`: a whole checkpoint in one line. Signatures of witnesses stay out. `time` is ISO 8601 in UTC. */
export function formatKept(note: Uint8Array, verifier: Verifier, time: string): string {
  const { origin, size, root } = openCheckpoint(note, verifier);
  const line = parseNote(note).signatures.find((signature) => isBy(signature, verifier));
  if (line === undefined) throw broken("The note carries no signature of its own.");
  const signature = formatSignatureLine(line).trimEnd().split(" ").at(-1);
  return `${time} ${origin} ${size} ${Buffer.from(root).toString("base64")} ${signature}`;
}

/**
 * What was kept: one line, a file of such lines (empty ones and those with # aside), or a signed note.
 * Throws PRUNELLA_LEDGER_BROKEN, naming the line.
 */
export function parseKept(text: string): Kept[] {
  if (text.includes("\n\n\u2014 ")) return [{ at: null, note: Buffer.from(text) }];
  const lines = text.split(/\r?\n/).map((line, at) => ({ line: line.trim(), at: at + 1 }));
  const kept = lines.filter(({ line }) => line !== "" && !line.startsWith("#"));
  if (kept.length === 0) throw broken("No checkpoint stands there.");
  if (kept.length > MAX_LINES) throw broken(`More than ${MAX_LINES} checkpoints stand there.`);
  return kept.map(({ line, at }) => parseLine(line, kept.length === 1 ? "That" : `Line ${at}`));
}

function parseLine(line: string, what: string): Kept {
  const words = line.split(" ");
  const at = TIME.test(words[0] ?? "") ? (words.shift() ?? null) : null;
  const [origin = "", size = "", root = "", signature = ""] = words;
  const text = `${origin}\n${size}\n${root}\n`;
  const signed = `\u2014 ${origin} ${signature}`;
  try {
    parseCheckpoint(text);
    parseSignatureLine(signed);
  } catch (cause) {
    throw broken(`${what} is no checkpoint in one line: time, origin, size, root and signature.`, cause);
  }
  if (words.length !== 4)
    throw broken(`${what} has ${words.length} words instead of origin, size, root and signature.`);
  return { at, note: Buffer.from(`${text}\n${signed}\n`) };
}

/** The size and root that a kept checkpoint speaks of, whoever signed it. Throws PRUNELLA_LEDGER_BROKEN. */
export const treeOf = ({ note }: Kept): Checkpoint => parseCheckpoint(parseNote(note).text);

/** What is wrong with the ledger as it stands, seen from a kept checkpoint; null when it extends it. */
export function checkKept(
  kept: Kept,
  verifier: Verifier,
  current: { readonly size: number; readonly root: Uint8Array; readonly proof: readonly Uint8Array[] },
): string | null {
  const when = kept.at === null ? "the kept checkpoint was made" : kept.at;
  const old = treeOf(kept);
  if (old.origin !== verifier.name)
    return `The kept checkpoint is of another ledger, ${old.origin}; this one is ${verifier.name}.`;
  try {
    openCheckpoint(kept.note, verifier);
  } catch {
    return `The kept checkpoint of ${old.size} entries does not carry this key's signature: the line or the key was changed after ${when}.`;
  }
  if (old.size > current.size)
    return `The ledger has ${current.size} entries and had ${old.size} when ${kept.at === null ? when : `it was kept at ${when}`}: it was cut, or taken back to an earlier state.`;
  const { size, root, proof } = current;
  return verifyConsistency({ oldSize: old.size, oldRoot: old.root, size, root, proof })
    ? null
    : `The history before entry ${old.size} was changed after ${when}.`;
}

function broken(detail: string, cause?: unknown): PrunellaError {
  return new PrunellaError("PRUNELLA_LEDGER_BROKEN", cause === undefined ? { detail } : { detail, cause });
}
