import { concat, fromBase64, same, sha256, toBase64, utf8, type Bytes } from "./bytes.ts";

/** What a ledger was at one size, as its key signed it (C2SP tlog-checkpoint in a signed note). */
export type Checkpoint = {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
  /** What was signed. */
  readonly text: string;
  readonly signatures: readonly { readonly name: string; readonly bytes: Bytes }[];
};

/** Reads `name+hex8+base64` of an Ed25519 key; null when it is none, or when its id does not fit. */
export async function readVkey(text: string): Promise<{ name: string; id: Bytes; key: Bytes } | null> {
  const [, name = "", id = "", base64 = ""] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\n?$/.exec(text) ?? [];
  const typed = fromBase64(base64);
  // 0x01 is Ed25519; another type is another use of a key.
  if (typed === null || typed.length !== 33 || typed[0] !== 1) return null;
  const expected = (await sha256(concat(utf8(`${name}\n`), typed))).slice(0, 4);
  const given = Uint8Array.from(id.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  return same(expected, given) ? { name, id: expected, key: typed.slice(1) } : null;
}

/**
 * A checkpoint as it is published, or in the one line that `prunella ledger checkpoint` prints: the time, which
 * nobody signed, origin, size, root and signature. Null when it is neither.
 */
export function readCheckpoint(given: string): Checkpoint | null {
  const note = noteOf(given);
  const blank = note.lastIndexOf("\n\n");
  if (blank < 0) return null;
  const text = note.slice(0, blank + 1);
  const [origin = "", sizeText = "", rootText = "", ...more] = text.split("\n");
  const [size, root] = [Number(sizeText), fromBase64(rootText)];
  // Printing it again refuses every other spelling of a number.
  const isOne =
    origin !== "" && Number.isSafeInteger(size) && size >= 0 && String(size) === sizeText && root?.length === 32;
  if (!isOne || root === null || more.length !== 1 || more[0] !== "") return null;
  const signatures = note
    .slice(blank + 2)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => /^\u2014 ([^ ]+) ([A-Za-z0-9+/=]+)$/.exec(line))
    .map((match) => ({ name: match?.[1] ?? "", bytes: fromBase64(match?.[2] ?? "") ?? new Uint8Array(0) }));
  if (signatures.length === 0 || signatures.some(({ name, bytes }) => name === "" || bytes.length <= 4)) return null;
  return { origin, size, root, text, signatures };
}

function noteOf(given: string): string {
  if (given.includes("\n\n\u2014 ")) return `${given.trimEnd()}\n`;
  const words = given.trim().split(/\s+/);
  if (/^\d{4}-\d\d-\d\dT/.test(words[0] ?? "")) words.shift();
  const [origin, size, root, signature] = words;
  return words.length === 4 ? `${origin}\n${size}\n${root}\n\n\u2014 ${origin} ${signature}\n` : "";
}

/** The line that is kept elsewhere; `time` is when it was written down. Null without a signature of that key. */
export function lineOf(checkpoint: Checkpoint, key: { name: string; id: Bytes }, time: string): string | null {
  const ours = signatureOf(checkpoint, key);
  return ours === null
    ? null
    : `${time} ${checkpoint.origin} ${checkpoint.size} ${toBase64(checkpoint.root)} ${toBase64(ours)}`;
}

const signatureOf = ({ signatures }: Checkpoint, key: { name: string; id: Bytes }): Bytes | null =>
  signatures.find(({ name, bytes }) => name === key.name && same(bytes.slice(0, 4), key.id))?.bytes ?? null;

/** `cannot`: this browser knows no Ed25519, so nothing is said about it. */
export type Signed = "holds" | "broken" | "cannot";

export async function isSigned(checkpoint: Checkpoint, vkey: { name: string; id: Bytes; key: Bytes }): Promise<Signed> {
  const signature = signatureOf(checkpoint, vkey);
  if (checkpoint.origin !== vkey.name || signature === null) return "broken";
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey("raw", vkey.key, { name: "Ed25519" }, false, ["verify"]);
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotSupportedError") return "cannot";
    throw error;
  }
  const holds = await crypto.subtle.verify({ name: "Ed25519" }, key, signature.slice(4), utf8(checkpoint.text));
  return holds ? "holds" : "broken";
}
