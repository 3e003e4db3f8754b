import { encodeTile, TILE_WIDTH, type TileRef } from "./tiles.ts";
import { nodeHash, type Frontier } from "./tree.ts";

export type BuiltTile = { readonly ref: TileRef; readonly bytes: Uint8Array };

/** Leaf hashes in, tiles out. Holds at most 256 hashes a level. */
export interface TileBuilder {
  /** Adds one leaf and returns the tiles that it filled, lower levels first. */
  push(leaf: Uint8Array): BuiltTile[];
  /** The partial tiles at this size. */
  partials(): BuiltTile[];
  frontier(): Frontier;
}

/**
 * Starts at `size`, given the hashes of the unfinished tile of every level (none for size 0).
 * Publishing and verification both build with this; an outside oracle checks it against Go's.
 */
export function createTileBuilder(size = 0, unfinished: readonly (readonly Uint8Array[])[] = []): TileBuilder {
  const levels = unfinished.map((hashes) => [...hashes]);
  let count = size;
  const ref = (level: number, width: number): TileRef => {
    const n = Math.floor(Math.floor((count - 1) / TILE_WIDTH ** level) / TILE_WIDTH);
    return { level, n, width };
  };
  return {
    push(leaf) {
      count++;
      const full: BuiltTile[] = [];
      let hash = leaf;
      for (let level = 0; ; level++) {
        const hashes = (levels[level] ??= []);
        hashes.push(hash);
        if (hashes.length < TILE_WIDTH) return full;
        full.push({ ref: ref(level, TILE_WIDTH), bytes: encodeTile(hashes) });
        hash = perfectRoot(hashes);
        levels[level] = [];
      }
    },
    partials() {
      return levels.flatMap((hashes, level) => {
        if (hashes.length === 0) return [];
        const n = (Math.floor(count / TILE_WIDTH ** level) - hashes.length) / TILE_WIDTH;
        return [{ ref: { level, n, width: hashes.length }, bytes: encodeTile(hashes) }];
      });
    },
    frontier() {
      return { size: count, hashes: levels.toReversed().flatMap(perfectRoots) };
    },
  };
}

/** Root over a power of two of hashes. */
export function perfectRoot(hashes: readonly Uint8Array[]): Uint8Array {
  let level = hashes;
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) {
      const [left, right] = [level[i], level[i + 1]];
      if (left !== undefined && right !== undefined) next.push(nodeHash(left, right));
    }
    level = next;
  }
  const root = level[0];
  if (root === undefined) throw new RangeError("no hashes, no root");
  return root;
}

/** The perfect subtrees that fewer than 256 hashes fall into, largest first. */
function perfectRoots(hashes: readonly Uint8Array[]): Uint8Array[] {
  const roots: Uint8Array[] = [];
  let start = 0;
  for (let width = TILE_WIDTH / 2; width >= 1; width /= 2) {
    if (hashes.length - start < width) continue;
    roots.push(perfectRoot(hashes.slice(start, start + width)));
    start += width;
  }
  return roots;
}
