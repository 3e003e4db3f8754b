import { PrunellaError } from "@prunella/contract";
import type { HashAt } from "./tree-proof.ts";
import { perfectRoot } from "./tile-builder.ts";
import { decodeTile, TILE_WIDTH, tileLevelSize, tilePath, type TileReader } from "./tiles.ts";

/**
 * Answers a proof's questions from the published tiles of a tree of `size` leaves. Remembers the
 * tiles of one proof (a few a level); make a new one per proof. Throws PRUNELLA_LEDGER_BROKEN when a
 * tile is missing or has the wrong length.
 */
export function hashesFromTiles(reader: TileReader, size: number): HashAt {
  const tiles = new Map<string, readonly Uint8Array[]>();
  return async (level, n) => {
    const tileLevel = Math.floor(level / 8);
    const width = 2 ** (level % 8);
    // Position of the subtree's first hash in its tile level.
    const first = n * width;
    const tileN = Math.floor(first / TILE_WIDTH);
    const tileWidth = Math.min(TILE_WIDTH, tileLevelSize(tileLevel, size) - tileN * TILE_WIDTH);
    const path = tilePath({ level: tileLevel, n: tileN, width: tileWidth });
    let tile = tiles.get(path);
    if (tile === undefined) {
      const bytes = await reader.read(path);
      const hashes = bytes === null ? null : decodeTile(bytes, tileWidth);
      if (hashes === null)
        throw new PrunellaError("PRUNELLA_LEDGER_BROKEN", { detail: `${path} is missing or has the wrong length.` });
      tile = hashes;
      tiles.set(path, tile);
    }
    const start = first - tileN * TILE_WIDTH;
    return perfectRoot(tile.slice(start, start + width));
  };
}
