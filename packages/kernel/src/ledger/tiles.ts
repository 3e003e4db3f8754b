import { PrunellaError } from "@prunella/contract";
import { HASH_BYTES } from "./tree.ts";

/**
 * C2SP tlog-tiles: the tree's hashes in files of 256 (tile level l holds tree level 8l), the entries
 * in bundles of 256. Full tiles never change; a partial one carries its width in its name.
 */
export const TILE_WIDTH = 256;
/** Two bytes hold an entry's length. */
export const MAX_ENTRY_BYTES = 65_535;

export type TileRef = {
  /** Tile level, or the bundle of entries below level 0. */
  readonly level: number | "entries";
  readonly n: number;
  /** 256 is a full tile, 1 to 255 a partial one. */
  readonly width: number;
};

/** Files of the ledger by path relative to its root: `checkpoint`, `vkey`, `tile/…`. */
export interface TileReader {
  /** The whole file, or null when there is none. */
  read(path: string): Promise<Uint8Array | null>;
  /** Every path there is. With it, verification also looks at files that no checkpoint names. */
  list?(): AsyncIterable<string>;
}

/** Each write is complete or absent after a crash (a temporary name ending in `.tmp`, fsync, rename). */
export interface TileWriter {
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Removes a superseded partial tile; no error when it is gone already. */
  remove(path: string): Promise<void>;
}

/** `tile/0/x001/x234/067`, `tile/entries/000.p/12`. */
export function tilePath({ level, n, width }: TileRef): string {
  let path = String(n % 1000).padStart(3, "0");
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, "0")}/${path}`;
  }
  return `tile/${level}/${path}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}

/** The one tile that a path names, or null when it is not the path of a tile. */
export function parseTilePath(path: string): TileRef | null {
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (match === null) return null;
  const [, levelText, nText = "", widthText] = match;
  const ref: TileRef = {
    level: levelText === "entries" ? "entries" : Number(levelText),
    n: Number(nText.replaceAll(/[x/]/g, "")),
    width: widthText === undefined ? TILE_WIDTH : Number(widthText),
  };
  if (!Number.isSafeInteger(ref.n) || ref.width === 0 || (widthText !== undefined && ref.width >= TILE_WIDTH))
    return null;
  // Printing it again refuses every second spelling: leading zeros, an x000 in front.
  return tilePath(ref) === path ? ref : null;
}

/** How many hashes tile level l holds in a tree of this size: only full tiles feed the level above. */
export function tileLevelSize(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** The partial tiles and bundle of a tree, at most one a level. */
export function partialTiles(size: number): TileRef[] {
  const refs: TileRef[] = [];
  for (let level = 0; tileLevelSize(level, size) > 0; level++) {
    const hashes = tileLevelSize(level, size);
    const width = hashes % TILE_WIDTH;
    if (width === 0) continue;
    const n = (hashes - width) / TILE_WIDTH;
    if (level === 0) refs.push({ level: "entries", n, width });
    refs.push({ level, n, width });
  }
  return refs;
}

/** The tiles and bundles that a tree of newSize has and one of oldSize has not, lower levels first. */
export function tilesForAppend(oldSize: number, newSize: number): TileRef[] {
  const refs: TileRef[] = [];
  for (let level = 0; tileLevelSize(level, newSize) > 0; level++) {
    const [before, after] = [tileLevelSize(level, oldSize), tileLevelSize(level, newSize)];
    if (before === after) continue;
    for (let n = Math.floor(before / TILE_WIDTH); n * TILE_WIDTH < after; n++) {
      const width = Math.min(TILE_WIDTH, after - n * TILE_WIDTH);
      if (level === 0) refs.push({ level: "entries", n, width });
      refs.push({ level, n, width });
    }
  }
  return refs;
}

export function encodeTile(hashes: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(hashes);
}

/** The tile's hashes, or null when the bytes are not exactly `width` of them. */
export function decodeTile(bytes: Uint8Array, width: number): Uint8Array[] | null {
  if (bytes.length !== width * HASH_BYTES) return null;
  return Array.from({ length: width }, (_, i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}

/** Every entry behind its length, two bytes big-endian. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bundle = Buffer.allocUnsafe(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  let offset = 0;
  for (const entry of entries) {
    assertEntryFits(entry);
    offset = bundle.writeUInt16BE(entry.length, offset);
    bundle.set(entry, offset);
    offset += entry.length;
  }
  return bundle;
}

/** The bundle's entries, or null when it does not hold exactly `width` of them and nothing else. */
export function decodeBundle(bytes: Uint8Array, width: number): Uint8Array[] | null {
  const entries: Uint8Array[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const [high, low] = [bytes[offset], bytes[offset + 1]];
    if (high === undefined || low === undefined || entries.length === width) return null;
    const end = offset + 2 + high * 256 + low;
    if (end > bytes.length) return null;
    entries.push(bytes.subarray(offset + 2, end));
    offset = end;
  }
  return entries.length === width ? entries : null;
}

export function assertEntryFits(entry: Uint8Array): void {
  if (entry.length <= MAX_ENTRY_BYTES) return;
  throw new PrunellaError("PRUNELLA_LEDGER_ENTRY_TOO_LARGE", { detail: `This one has ${entry.length} bytes.` });
}
