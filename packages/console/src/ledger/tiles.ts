import { pageHeaders } from "../api/page-key.ts";
import type { Bytes } from "./bytes.ts";
import { rootOf, type HashAt } from "./tree.ts";

/** Files of the ledger by path: `checkpoint`, `vkey`, `tile/…`; null when there is none. */
export type ReadFile = (path: string) => Promise<Bytes | null>;

/** C2SP tlog-tiles: so many hashes or entries a file. */
export const TILE_WIDTH = 256;
const HASH_BYTES = 32;

/** From the server of this page, and not from what the browser kept: that is what is to be checked. */
export const readFromServer: ReadFile = async (path) => {
  const answer = await fetch(`/ledger/${path}`, { headers: pageHeaders(), cache: "no-store" });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`The server answered ${answer.status} for /ledger/${path}.`);
  return new Uint8Array(await answer.arrayBuffer());
};

/** `tile/0/x001/x234/067`, `tile/entries/000.p/12`. */
export function tilePath(level: number | "entries", n: number, width: number): string {
  let path = String(n % 1_000).padStart(3, "0");
  for (let rest = Math.floor(n / 1_000); rest > 0; rest = Math.floor(rest / 1_000))
    path = `x${String(rest % 1_000).padStart(3, "0")}/${path}`;
  return `tile/${level}/${path}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}

/** The entries of one bundle, each behind its length in two bytes; null when it is not exactly so many. */
export function bundleEntries(bundle: Bytes, width: number): Bytes[] | null {
  const entries: Bytes[] = [];
  let at = 0;
  while (at < bundle.length) {
    const [high, low] = [bundle[at], bundle[at + 1]];
    if (high === undefined || low === undefined) return null;
    const end = at + 2 + high * 256 + low;
    if (end > bundle.length) return null;
    entries.push(bundle.slice(at + 2, end));
    at = end;
  }
  return entries.length === width ? entries : null;
}

/** All entries of a ledger of this size, a bundle at a time. Throws when one is missing or broken. */
export async function* bundles(read: ReadFile, size: number): AsyncGenerator<Bytes[]> {
  for (let n = 0; n * TILE_WIDTH < size; n += 1) {
    const width = Math.min(TILE_WIDTH, size - n * TILE_WIDTH);
    const path = tilePath("entries", n, width);
    const bundle = await read(path);
    const entries = bundle === null ? null : bundleEntries(bundle, width);
    if (entries === null) throw new Error(`The file /ledger/${path} is missing, or does not hold ${width} entries.`);
    yield entries;
  }
}

/** Answers a proof's questions from the tiles of hashes: a few files, however large the ledger is. */
export function hashesFrom(read: ReadFile, size: number): HashAt {
  const tiles = new Map<string, Promise<Bytes | null>>();
  return async (level, n) => {
    const tileLevel = Math.floor(level / 8);
    const width = 2 ** (level % 8);
    const first = n * width;
    const tileN = Math.floor(first / TILE_WIDTH);
    const hashes = Math.floor(size / TILE_WIDTH ** tileLevel);
    const tileWidth = Math.min(TILE_WIDTH, hashes - tileN * TILE_WIDTH);
    const path = tilePath(tileLevel, tileN, tileWidth);
    const asked = tiles.get(path) ?? read(path);
    tiles.set(path, asked);
    const tile = await asked;
    const from = first - tileN * TILE_WIDTH;
    if (tile?.length !== tileWidth * HASH_BYTES || from + width > tileWidth)
      throw new Error(`The file /ledger/${path} is missing, or does not hold ${tileWidth} hashes.`);
    return rootOf(
      Array.from({ length: width }, (_, at) => tile.slice((from + at) * HASH_BYTES, (from + at + 1) * HASH_BYTES)),
    );
  };
}
