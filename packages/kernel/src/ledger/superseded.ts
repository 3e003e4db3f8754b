import { PrunellaError } from "@prunella/contract";
import {
  decodeBundle,
  encodeBundle,
  parseTilePath,
  TILE_WIDTH,
  tileLevelSize,
  tilePath,
  type TileReader,
  type TileRef,
} from "./tiles.ts";
import { HASH_BYTES } from "./tree.ts";

/**
 * The bytes of a tile or bundle in a published tree of `size`. A partial one that a wider one has
 * replaced is cut from that, so that readers with an older checkpoint still find what it names.
 * Null when the path is no tile's or the tree has not come that far.
 */
export async function readTile(reader: TileReader, path: string, size: number): Promise<Uint8Array | null> {
  const ref = parseTilePath(path);
  if (ref === null || ref.n * TILE_WIDTH + ref.width > hashesAt(ref.level, size)) return null;
  const wider = widerTile(ref, size);
  if (wider === null) return reader.read(path);
  const bytes = await reader.read(tilePath(wider));
  return bytes === null ? null : firstOf(bytes, wider, ref.width);
}

/** The tile that took an old partial one's place in a tree of this size; null when none did. */
export function widerTile(ref: TileRef, size: number): TileRef | null {
  const width = Math.min(TILE_WIDTH, hashesAt(ref.level, size) - ref.n * TILE_WIDTH);
  return ref.width < width ? { ...ref, width } : null;
}

/** The first `width` hashes or entries of a wider tile. Throws PRUNELLA_LEDGER_BROKEN when that is malformed. */
export function firstOf(bytes: Uint8Array, wider: TileRef, width: number): Uint8Array {
  if (wider.level !== "entries") return bytes.subarray(0, width * HASH_BYTES);
  const entries = decodeBundle(bytes, wider.width);
  if (entries === null)
    throw new PrunellaError("PRUNELLA_LEDGER_BROKEN", {
      detail: `${tilePath(wider)} does not hold exactly ${wider.width} entries.`,
    });
  return encodeBundle(entries.slice(0, width));
}

function hashesAt(level: TileRef["level"], size: number): number {
  return tileLevelSize(level === "entries" ? 0 : level, size);
}
