import type { LedgerReport } from "@prunella/contract";
import { openCheckpoint, parseCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { decodeEntry } from "./entry.ts";
import { createLaws, type Laws } from "./laws.ts";
import { parseNote, parseVkey, type Verifier } from "./note.ts";
import { createProblems, type Problems } from "./problems.ts";
import { createTileBuilder, type BuiltTile } from "./tile-builder.ts";
import { decodeBundle, decodeTile, TILE_WIDTH, tilePath, type TileReader } from "./tiles.ts";
import { appendLeaf, HASH_BYTES, leafHash, rootOf, sameBytes, type Frontier } from "./tree.ts";
import { checkOtherFiles } from "./verify-files.ts";
import { checkOutside, type Outside } from "./verify-outside.ts";

/** One row of the store: its index and the exact bytes of its entry. */
export type StoredRow = { readonly index: number; readonly entry: Uint8Array };

export type VerifyInput = Outside & {
  readonly reader: TileReader;
  /** `name+hex8+base64`, pinned by whoever asks. */
  readonly vkey: string;
  /** The store's rows from index 0, in order; with them, row and published leaf must be equal. */
  readonly entries?: AsyncIterable<StoredRow>;
  /** The store's head. It must be the published tree or, with `entries`, provably extend it. */
  readonly head?: { readonly size: number; readonly root: Uint8Array };
  /** Called after every bundle. */
  readonly onProgress?: (progress: { readonly checked_entries: number; readonly size: number }) => void;
};

/**
 * Checks a ledger from its bytes alone: signature and origin, every entry, bundle, tile and the root
 * recomputed from them, the laws that entries must keep, the store against what is published, and what
 * is published against what others keep.
 * Never throws for what it finds: problems come in the report, at most 100, and it stops there.
 * Holds one bundle and its tiles in memory, besides the open attempts.
 */
export async function verifyLedger(input: VerifyInput): Promise<LedgerReport> {
  const problems = createProblems();
  const verifier = problems.attempt(() => parseVkey(input.vkey));
  const published = await readCheckpoint(input.reader, verifier, problems);
  const report = { size: published?.size ?? 0, root: toHex(published?.root), checked_entries: 0, checked_tiles: 0 };
  if (verifier === null) return { ok: false, ...report, problems: problems.found };

  const laws = createLaws({ origin: verifier.name, vkey: input.vkey });
  const rows = input.entries?.[Symbol.asyncIterator]();
  const size = published?.size ?? 0;
  if (published !== null && size === 0) problems.add("The checkpoint is of an empty ledger, without a genesis.", null);
  const builder = createTileBuilder();
  try {
    for (let first = 0; first < size && !problems.full(); first += TILE_WIDTH) {
      const width = Math.min(TILE_WIDTH, size - first);
      const read = await readLeaves(input.reader, first / TILE_WIDTH, width, problems);
      const full: BuiltTile[] = [];
      for (const [i, leaf] of read.leaves.entries()) {
        const entry = read.entries?.[i];
        if (entry !== undefined) checkEntry(entry, first + i, laws, problems);
        if (rows !== undefined) await checkRow(rows, entry, first + i, problems);
        full.push(...builder.push(leaf));
      }
      report.checked_entries += read.entries?.length ?? 0;
      const tiles = first + width === size ? [...full, ...builder.partials()] : full;
      for (const tile of tiles) report.checked_tiles += await checkTile(input.reader, tile, problems);
      input.onProgress?.({ checked_entries: report.checked_entries, size });
    }
    const frontier = builder.frontier();
    if (published !== null && frontier.size === size && !sameBytes(rootOf(frontier), published.root)) {
      problems.add("The entries do not lead to the checkpoint's root.", null);
    }
    if (frontier.size === size) report.checked_entries += await checkStore(frontier, rows, input.head, laws, problems);
  } finally {
    // The rows come from an open query; let it close when we stop early.
    await rows?.return?.();
  }
  if (published !== null) await checkOutside(input, published, verifier, input.reader, problems);
  if (!problems.full()) await checkOtherFiles(input.reader, size, input.vkey, problems);
  return { ok: problems.found.length === 0, ...report, problems: problems.found };
}

async function readCheckpoint(
  reader: TileReader,
  verifier: Verifier | null,
  problems: Problems,
): Promise<Checkpoint | null> {
  const bytes = await reader.read("checkpoint");
  if (bytes === null) {
    problems.add("There is no checkpoint.", null);
    return null;
  }
  const opened = verifier === null ? null : problems.attempt(() => openCheckpoint(bytes, verifier));
  if (opened !== null) return opened;
  // Unsigned or not, it says what to compare with, and the report tells more.
  return problems.attempt(() => parseCheckpoint(parseNote(bytes).text));
}

type Leaves = { readonly leaves: readonly Uint8Array[]; readonly entries: readonly Uint8Array[] | null };

/** The leaf hashes of one bundle; when the bundle is unreadable, those of its tile, so that the rest is still checked. */
async function readLeaves(reader: TileReader, n: number, width: number, problems: Problems): Promise<Leaves> {
  const path = tilePath({ level: "entries", n, width });
  const bytes = await reader.read(path);
  const entries = bytes === null ? null : decodeBundle(bytes, width);
  if (entries !== null) return { entries, leaves: entries.map(leafHash) };
  problems.add(
    bytes === null ? `${path} is missing.` : `${path} does not hold exactly ${width} entries.`,
    n * TILE_WIDTH,
  );
  const tile = await reader.read(tilePath({ level: 0, n, width }));
  const leaves = tile === null ? null : decodeTile(tile, width);
  return { entries: null, leaves: leaves ?? Array.from({ length: width }, () => new Uint8Array(HASH_BYTES)) };
}

function checkEntry(bytes: Uint8Array, index: number, laws: Laws, problems: Problems): void {
  const decoded = decodeEntry(bytes);
  if (decoded.kind === "broken") problems.add(`Entry ${index} ${decoded.what}.`, index);
  else for (const what of laws.check(decoded.entry, index)) problems.add(`Entry ${index} ${what}.`, index);
}

async function checkRow(
  rows: AsyncIterator<StoredRow>,
  entry: Uint8Array | undefined,
  index: number,
  problems: Problems,
): Promise<void> {
  const row = await rows.next();
  if (row.done === true) {
    problems.add(`The store lacks entry ${index}, which is published.`, index);
  } else if (row.value.index !== index) {
    problems.add(`The store has entry ${row.value.index} where ${index} belongs.`, index);
  } else if (entry !== undefined && !sameBytes(row.value.entry, entry)) {
    problems.add(`The store's entry ${index} differs from the published one.`, index);
  }
}

async function checkTile(reader: TileReader, { ref, bytes }: BuiltTile, problems: Problems): Promise<number> {
  const path = tilePath(ref);
  const published = await reader.read(path);
  const index = ref.n * TILE_WIDTH;
  if (published === null) {
    problems.add(`${path} is missing.`, ref.level === 0 ? index : null);
    return 0;
  }
  if (published.length !== bytes.length) {
    problems.add(`${path} has ${published.length} bytes instead of ${bytes.length}.`, ref.level === 0 ? index : null);
  } else if (!sameBytes(published, bytes)) {
    const at = Math.floor(published.findIndex((byte, i) => byte !== bytes[i]) / HASH_BYTES);
    problems.add(`${path} does not match what is below it, from hash ${at} on.`, ref.level === 0 ? index + at : null);
  }
  return 1;
}

/** Goes on through the rows that are not published yet, up to the head. Returns how many it checked. */
async function checkStore(
  published: Frontier,
  rows: AsyncIterator<StoredRow> | undefined,
  head: VerifyInput["head"],
  laws: Laws,
  problems: Problems,
): Promise<number> {
  let frontier = published;
  while (rows !== undefined && !problems.full()) {
    const row = await rows.next();
    if (row.done === true) break;
    if (row.value.index !== frontier.size) {
      problems.add(`The store has entry ${row.value.index} where ${frontier.size} belongs.`, frontier.size);
      break;
    }
    checkEntry(row.value.entry, frontier.size, laws, problems);
    frontier = appendLeaf(frontier, leafHash(row.value.entry));
  }
  const checked = frontier.size - published.size;
  if (head === undefined) return checked;
  if (head.size < published.size) {
    problems.add(`The store's head is at ${head.size}, behind the published ${published.size}.`, null);
  } else if (rows !== undefined && head.size !== frontier.size) {
    problems.add(`The store's head says ${head.size} entries, and there are ${frontier.size}.`, null);
  } else if (head.size === frontier.size && !sameBytes(head.root, rootOf(frontier))) {
    problems.add("The store's head has another root than its entries lead to.", null);
  } else if (head.size > frontier.size) {
    problems.add(
      `The store's head is ahead of the published ${published.size}; that it extends it takes the store's entries.`,
      null,
    );
  }
  return checked;
}

function toHex(root: Uint8Array | undefined): string {
  return root === undefined ? "" : Buffer.from(root).toString("hex");
}
