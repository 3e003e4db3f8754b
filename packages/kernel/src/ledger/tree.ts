import { hash } from "node:crypto";

/**
 * The Merkle tree of RFC 6962, section 2.1. Hashes are 32 bytes, indices count from 0, sizes are
 * safe integers (bit operators are avoided because they cut at 32 bits).
 */
export const HASH_BYTES = 32;

/** Root of the tree without leaves: SHA-256 of nothing. */
export const EMPTY_ROOT: Uint8Array = hash("sha256", "", "buffer");

/** SHA-256(0x00 || entry). The prefix keeps a leaf from passing as a node. */
export function leafHash(entry: Uint8Array): Uint8Array {
  const input = Buffer.allocUnsafe(entry.length + 1);
  input[0] = 0x00;
  input.set(entry, 1);
  return hash("sha256", input, "buffer");
}

/** SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = Buffer.allocUnsafe(1 + 2 * HASH_BYTES);
  input[0] = 0x01;
  input.set(left, 1);
  input.set(right, 1 + HASH_BYTES);
  return hash("sha256", input, "buffer");
}

/**
 * All that must be remembered to append: the roots of the perfect subtrees that a tree of this size
 * falls into, largest first; as many as the size has one bits, so at most 53.
 */
export type Frontier = { readonly size: number; readonly hashes: readonly Uint8Array[] };

export const EMPTY_FRONTIER: Frontier = { size: 0, hashes: [] };

/** The frontier after one more leaf; the old one stays as it was. */
export function appendLeaf(frontier: Frontier, leaf: Uint8Array): Frontier {
  const hashes = [...frontier.hashes];
  let node = leaf;
  for (let size = frontier.size; size % 2 === 1; size = (size - 1) / 2) {
    const left = hashes.pop();
    if (left === undefined) throw new RangeError(`a frontier of size ${frontier.size} lacks hashes`);
    node = nodeHash(left, node);
  }
  hashes.push(node);
  return { size: frontier.size + 1, hashes };
}

export function rootOf(frontier: Frontier): Uint8Array {
  const last = frontier.hashes.at(-1);
  if (last === undefined) return EMPTY_ROOT;
  let root = last;
  for (let i = frontier.hashes.length - 2; i >= 0; i--) {
    const left = frontier.hashes[i];
    if (left !== undefined) root = nodeHash(left, root);
  }
  return root;
}

/** Whether two byte strings are equal. Nothing in the ledger is secret, so time may tell. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** The largest power of two strictly below n, for n of at least 2. */
export function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
