import { hex, same, sha256, toBase64, utf8, type Bytes } from "./bytes.ts";
import { isSigned, lineOf, readCheckpoint, readVkey, type Checkpoint, type Signed } from "./checkpoint.ts";
import { bundles, bundleEntries, hashesFrom, TILE_WIDTH, tilePath, type ReadFile } from "./tiles.ts";
import { inclusionProof, leadsTo, leafHash, rootOf } from "./tree.ts";

export type Verified = {
  readonly size: number;
  readonly root: string;
  readonly signed: Signed;
  /** What does not hold, in whole sentences; none: all of it holds. */
  readonly problems: readonly string[];
  /** Size of the checkpoint that was given; null when none was. */
  readonly since: number | null;
  /** The checkpoint in one line, to be kept elsewhere. */
  readonly line: string | null;
};

/** Why a page has no cryptography: browsers give it to pages over https and of this machine alone. */
export const hasCryptography = (): boolean => globalThis.crypto?.subtle !== undefined;

async function head(read: ReadFile) {
  const [noteBytes, vkeyBytes] = [await read("checkpoint"), await read("vkey")];
  if (noteBytes === null || vkeyBytes === null) throw new Error("No checkpoint has been published yet.");
  const text = (bytes: Bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  const [checkpoint, vkey] = [readCheckpoint(text(noteBytes)), await readVkey(text(vkeyBytes))];
  if (checkpoint === null) throw new Error("The published checkpoint is not origin, size, root and signature.");
  if (vkey === null) throw new Error("The published verifier key is no Ed25519 key with its own id.");
  return { checkpoint, vkey, note: noteBytes, vkeyText: text(vkeyBytes).trimEnd() };
}

/**
 * Reads every entry of the published ledger and hashes it here, up to the root that was signed; with a checkpoint
 * that was kept, also whether the ledger still begins with what that one speaks of. Nothing of it is the server's word
 * but the files.
 */
export async function verifyHere(
  read: ReadFile,
  given: { readonly kept: string; readonly now: string; readonly onProgress: (checked: number, size: number) => void },
): Promise<Verified> {
  const { checkpoint, vkey, vkeyText } = await head(read);
  const { size } = checkpoint;
  const problems: string[] = [];
  const signed = await isSigned(checkpoint, vkey);
  if (signed === "broken") problems.push("The checkpoint does not carry a signature of the ledger’s key that holds.");
  if (size === 0) problems.push("The checkpoint is of an empty ledger, which lacks its genesis.");
  const leaves: Bytes[] = [];
  for await (const entries of bundles(read, size)) {
    if (leaves.length === 0) problems.push(...(await genesisProblems(entries[0], vkey.name, vkeyText)));
    leaves.push(...(await Promise.all(entries.map(leafHash))));
    given.onProgress(leaves.length, size);
  }
  const root = await rootOf(leaves);
  if (!same(root, checkpoint.root))
    problems.push(`The entries lead to the root ${toBase64(root)}, and ${toBase64(checkpoint.root)} was signed.`);
  const kept =
    given.kept.trim() === "" ? null : await keptProblems(given.kept, { leaves, vkey, origin: checkpoint.origin });
  return {
    size,
    root: hex(checkpoint.root),
    signed,
    problems: [...problems, ...(kept?.problems ?? [])],
    since: kept?.size ?? null,
    line: lineOf(checkpoint, vkey, given.now),
  };
}

async function genesisProblems(entry: Bytes | undefined, origin: string, vkeyText: string): Promise<string[]> {
  if (entry === undefined) return ["The ledger has no first entry."];
  let genesis: unknown;
  try {
    genesis = JSON.parse(new TextDecoder().decode(entry));
  } catch {
    return ["Entry 0 is not JSON."];
  }
  const fields = new Map<string, unknown>(Object.entries(Object(genesis)));
  const isOurs =
    fields.get("type") === "genesis" &&
    fields.get("origin") === origin &&
    fields.get("vkey_sha256") === hex(await sha256(utf8(vkeyText)));
  return isOurs ? [] : ["Entry 0 does not name this origin and this key."];
}

async function keptProblems(
  text: string,
  { leaves, vkey, origin }: { leaves: readonly Bytes[]; vkey: { name: string; id: Bytes; key: Bytes }; origin: string },
): Promise<{ size: number | null; problems: string[] }> {
  const kept: Checkpoint | null = readCheckpoint(text);
  if (kept === null)
    return { size: null, problems: ["What was pasted is no checkpoint: one line of it, or a whole signed note."] };
  const said = (problem: string) => ({ size: kept.size, problems: [problem] });
  if (kept.origin !== origin) return said(`The kept checkpoint is of another ledger, ${kept.origin}.`);
  if ((await isSigned(kept, vkey)) === "broken")
    return said("The kept checkpoint does not carry this key’s signature: it or the key was changed.");
  if (kept.size > leaves.length)
    return said(`The ledger has ${leaves.length} entries and had ${kept.size}: it was cut, or taken back.`);
  return same(await rootOf(leaves.slice(0, kept.size)), kept.root)
    ? { size: kept.size, problems: [] }
    : said(`The history before entry ${kept.size} was changed since the checkpoint was kept.`);
}

/** One entry's place in the ledger as a C2SP tlog-proof, checked here before it is given, and the entry's own bytes. */
export async function proofOf(read: ReadFile, index: number): Promise<{ proof: Bytes; entry: Bytes }> {
  const { checkpoint, note } = await head(read);
  const { size, root } = checkpoint;
  if (index >= size) throw new Error(`Entry ${index} is not published yet; in some moments it will be.`);
  const n = Math.floor(index / TILE_WIDTH);
  const width = Math.min(TILE_WIDTH, size - n * TILE_WIDTH);
  const bundle = await read(tilePath("entries", n, width));
  const entry = bundle === null ? undefined : bundleEntries(bundle, width)?.[index - n * TILE_WIDTH];
  if (entry === undefined) throw new Error(`The file with entry ${index} is missing or broken.`);
  const proof = await inclusionProof(index, size, hashesFrom(read, size));
  if (!(await leadsTo({ index, size, leaf: await leafHash(entry), proof }, root)))
    throw new Error(`The tiles do not lead from entry ${index} to the root that was signed.`);
  const lines = `c2sp.org/tlog-proof@v1\nindex ${index}\n${proof.map((hash) => `${toBase64(hash)}\n`).join("")}\n`;
  return { proof: new Uint8Array([...utf8(lines), ...note]), entry };
}
