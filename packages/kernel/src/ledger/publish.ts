import { PrunellaError } from "@prunella/contract";
import { openCheckpoint, signCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { parseVkey, vkeyOf, type Signer } from "./note.ts";
import { createTileBuilder, type BuiltTile, type TileBuilder } from "./tile-builder.ts";
import {
  decodeTile,
  encodeBundle,
  partialTiles,
  TILE_WIDTH,
  tileLevelSize,
  tilePath,
  type TileReader,
  type TileRef,
  type TileWriter,
} from "./tiles.ts";
import { leafHash, rootOf, sameBytes } from "./tree.ts";

export type PublishInput = {
  /** Size of the checkpoint that stands published; see publishedSize. 0 writes everything anew. */
  readonly from: number;
  /** What the store has committed; nothing beyond it is ever signed. */
  readonly head: { readonly size: number; readonly root: Uint8Array };
  /** Stored entries from `start` up to `end`, at most 256, in order. */
  readonly entries: (start: number, end: number) => Promise<readonly Uint8Array[]>;
  readonly reader: TileReader;
  readonly writer: TileWriter;
  readonly signer: Signer;
};

/**
 * Brings the published files up to the head: bundles and tiles first, the checkpoint last, then the
 * partial tiles that nobody needs any more go. A crash at any point leaves the former checkpoint
 * with all its files, and the next call from its size does the same work again.
 *
 * Holds one bundle in memory. Throws PRUNELLA_LEDGER_BROKEN, with nothing signed, when entries and
 * tiles do not lead to the head's root; calling again with `from: 0` rebuilds from the store alone.
 */
export async function publish({
  from,
  head,
  entries,
  reader,
  writer,
  signer,
}: PublishInput): Promise<{ checkpoint: Uint8Array; files: number }> {
  let files = 0;
  const put = async (ref: TileRef, bytes: Uint8Array): Promise<void> => {
    await writer.write(tilePath(ref), bytes);
    files++;
  };
  const start = from - (from % TILE_WIDTH);
  const builder = await builderAt(start, reader);
  const former = await readPublished(reader, signer);
  if (former !== null && former.size > head.size)
    throw broken(`A checkpoint of ${former.size} entries is published, and the store has ${head.size}.`);
  if (former?.size === start) assertExtends(former, builder);
  for (let first = start; first < head.size; first += TILE_WIDTH) {
    const end = Math.min(first + TILE_WIDTH, head.size);
    const batch = await entries(first, end);
    if (batch.length !== end - first) throw broken(`The store lacks entries between ${first} and ${end}.`);
    const full: BuiltTile[] = [];
    for (const [at, entry] of batch.entries()) {
      full.push(...builder.push(leafHash(entry)));
      if (first + at + 1 === former?.size) assertExtends(former, builder);
    }
    if (end > from) await put({ level: "entries", n: first / TILE_WIDTH, width: batch.length }, encodeBundle(batch));
    for (const { ref, bytes } of full) await put(ref, bytes);
  }
  for (const { ref, bytes } of builder.partials()) await put(ref, bytes);
  if (!sameBytes(rootOf(builder.frontier()), head.root))
    throw broken("Entries and published tiles do not lead to the store's root.");
  const checkpoint = signCheckpoint(head, signer);
  await writer.write("checkpoint", checkpoint);
  await removeSuperseded(from, head.size, writer);
  return { checkpoint, files };
}

/** Size of the published checkpoint when it is ours and holds; 0 when there is none to build on. */
export async function publishedSize(reader: TileReader, signer: Pick<Signer, "name" | "publicKey">): Promise<number> {
  return (await readPublished(reader, signer))?.size ?? 0;
}

async function readPublished(
  reader: TileReader,
  signer: Pick<Signer, "name" | "publicKey">,
): Promise<Checkpoint | null> {
  const bytes = await reader.read("checkpoint");
  return bytes === null ? null : openCheckpoint(bytes, parseVkey(vkeyOf(signer)));
}

/**
 * What is signed must extend what was signed: a database that came back from an older copy and grew
 * past the published size leads to a root of its own, and would make a second history.
 */
function assertExtends(former: Checkpoint, builder: TileBuilder): void {
  if (!sameBytes(former.root, rootOf(builder.frontier())))
    throw broken(`The store's first ${former.size} entries are not those that were published and signed.`);
}

/** A builder at a multiple of 256: level 0 starts empty, the levels above go on with their partial tile. */
async function builderAt(size: number, reader: TileReader): Promise<TileBuilder> {
  const unfinished: Uint8Array[][] = [[]];
  for (let level = 1; tileLevelSize(level, size) > 0; level++) {
    const hashes = tileLevelSize(level, size);
    const width = hashes % TILE_WIDTH;
    const path = tilePath({ level, n: (hashes - width) / TILE_WIDTH, width });
    const bytes = width === 0 ? new Uint8Array() : await reader.read(path);
    const tile = bytes === null ? null : decodeTile(bytes, width);
    if (tile === null) throw broken(`The published ${path} is missing or has the wrong length.`);
    unfinished.push(tile);
  }
  return createTileBuilder(size, unfinished);
}

async function removeSuperseded(from: number, size: number, writer: TileWriter): Promise<void> {
  const current = new Set(partialTiles(size).map(tilePath));
  for (const path of partialTiles(from).map(tilePath)) if (!current.has(path)) await writer.remove(path);
}

function broken(detail: string): PrunellaError {
  return new PrunellaError("PRUNELLA_LEDGER_BROKEN", { detail });
}
