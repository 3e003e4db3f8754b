import type { Problems } from "./problems.ts";
import { parseTilePath, partialTiles, TILE_WIDTH, tileLevelSize, tilePath, type TileReader, type TileRef } from "./tiles.ts";
import { sameBytes } from "./tree.ts";

/**
 * Looks at the files that no checkpoint names: a partial tile left from an earlier, smaller tree must
 * be the beginning of the tile that took its place; a tile beyond the tree is the start of a
 * publication that has not finished, whose content the next one decides; the rest has no business here.
 * Does nothing when the reader cannot list.
 */
export async function checkOtherFiles(reader: TileReader, size: number, vkey: string, problems: Problems): Promise<void> {
  if (reader.list === undefined) return;
  const current = new Map(partialTiles(size).map((ref) => [`${ref.level}/${ref.n}`, ref]));
  for await (const path of reader.list()) {
    if (problems.full()) return;
    // Writers rename into place; what a killed one leaves behind is not part of the ledger.
    if (path === "checkpoint" || path.endsWith(".tmp")) continue;
    const bytes = await reader.read(path);
    if (bytes === null) continue;
    if (path === "vkey") {
      if (Buffer.from(bytes).toString("latin1").replace(/\n$/, "") !== vkey.replace(/\n$/, "")) problems.add("The file vkey is not the key that was asked for.", null);
      continue;
    }
    const ref = parseTilePath(path);
    if (ref === null) {
      problems.add(`${JSON.stringify(path.slice(0, 80))} is not a file of the ledger.`, null);
      continue;
    }
    const successor = successorOf(ref, size, current);
    if (successor === null) continue;
    const whole = await reader.read(tilePath(successor));
    if (whole !== null && !sameBytes(whole.subarray(0, bytes.length), bytes)) problems.add(`${path} is not the beginning of its later, wider tile.`, null);
    if (!hasWidth(bytes, ref)) problems.add(`${path} does not have its width.`, null);
  }
}

/** The wider tile of this tree that holds what an old partial one held; null when there is none. */
function successorOf(ref: TileRef, size: number, current: ReadonlyMap<string, TileRef>): TileRef | null {
  const hashes = tileLevelSize(ref.level === "entries" ? 0 : ref.level, size);
  if (ref.width === TILE_WIDTH) return null;
  if ((ref.n + 1) * TILE_WIDTH <= hashes) return { ...ref, width: TILE_WIDTH };
  const partial = current.get(`${ref.level}/${ref.n}`);
  return partial !== undefined && ref.width < partial.width ? partial : null;
}

function hasWidth(bytes: Uint8Array, ref: TileRef): boolean {
  return ref.level === "entries" ? countEntries(bytes) === ref.width : bytes.length === ref.width * 32;
}

function countEntries(bytes: Uint8Array): number {
  let count = 0;
  for (let offset = 0; offset < bytes.length; count++) offset += 2 + (bytes[offset] ?? 0) * 256 + (bytes[offset + 1] ?? 0);
  return count;
}
