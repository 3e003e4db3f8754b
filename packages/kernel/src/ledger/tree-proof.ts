import { EMPTY_ROOT, HASH_BYTES, nodeHash, sameBytes, splitPoint } from "./tree.ts";

/**
 * Root of the perfect subtree over leaves `n * 2^level` up to `(n + 1) * 2^level`: level 0 is the
 * leaf hashes. Whoever holds the hashes (memory, tiles) answers; see tile-hashes.ts.
 */
export type HashAt = (level: number, n: number) => Uint8Array | Promise<Uint8Array>;

/**
 * Inclusion proof of leaf `index` in the tree of `size` leaves (RFC 6962, section 2.1.1), hashes
 * from the leaf upwards. Throws a RangeError when there is no such leaf.
 */
export async function inclusionProof(index: number, size: number, hashAt: HashAt): Promise<Uint8Array[]> {
  if (!isSize(size) || !isSize(index) || index >= size) throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  const proof: Uint8Array[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      proof.push(await rangeHash(middle, end, hashAt));
      end = middle;
    } else {
      proof.push(await rangeHash(start, middle, hashAt));
      start = middle;
    }
  }
  return proof.reverse();
}

/** Whether the proof leads from the leaf's hash to the root (RFC 9162, section 2.1.3.2). */
export function verifyInclusion(claim: {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}): boolean {
  if (!isSize(claim.size) || !isSize(claim.index) || claim.index >= claim.size) return false;
  let node = claim.index;
  let last = claim.size - 1;
  let hash = claim.leaf;
  for (const sibling of claim.proof) {
    if (last === 0 || sibling.length !== HASH_BYTES) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      // The last node of an uneven level has no sibling there: it moves up as it is.
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, half(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && sameBytes(hash, claim.root);
}

/**
 * Proof that the tree of `oldSize` leaves is a prefix of the tree of `size` (RFC 6962, section
 * 2.1.2). Empty for equal sizes and for the empty tree, which is a prefix of every tree.
 */
export async function consistencyProof(oldSize: number, size: number, hashAt: HashAt): Promise<Uint8Array[]> {
  if (!isSize(size) || !isSize(oldSize) || oldSize > size) throw new RangeError(`no tree of ${oldSize} within ${size}`);
  if (oldSize === 0 || oldSize === size) return [];
  const proof: Uint8Array[] = [];
  let [start, end] = [0, size];
  while (end !== oldSize) {
    const middle = start + splitPoint(end - start);
    if (oldSize <= middle) {
      proof.push(await rangeHash(middle, end, hashAt));
      end = middle;
    } else {
      proof.push(await rangeHash(start, middle, hashAt));
      start = middle;
    }
  }
  // The verifier knows the old root; it lacks this subtree only when that is a part of the old tree.
  if (start !== 0) proof.push(await rangeHash(start, end, hashAt));
  return proof.reverse();
}

/** Whether the old root is one of a prefix of the new tree (RFC 9162, section 2.1.4.2). */
export function verifyConsistency(claim: {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}): boolean {
  const { oldSize, oldRoot, size, root, proof } = claim;
  if (!isSize(size) || !isSize(oldSize) || oldSize > size) return false;
  if (oldSize === size) return proof.length === 0 && sameBytes(oldRoot, root);
  if (oldSize === 0) return proof.length === 0 && sameBytes(oldRoot, EMPTY_ROOT);
  const path = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof;
  const seed = path[0];
  if (seed === undefined || path.some((hash) => hash.length !== HASH_BYTES)) return false;
  let node = oldSize - 1;
  let last = size - 1;
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  let [oldHash, newHash] = [seed, seed];
  for (const sibling of path.slice(1)) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      oldHash = nodeHash(sibling, oldHash);
      newHash = nodeHash(sibling, newHash);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, half(last)];
    } else {
      newHash = nodeHash(newHash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && sameBytes(oldHash, oldRoot) && sameBytes(newHash, root);
}

/** Root over the leaves from start up to end, a range that the recursion of RFC 6962 can reach. */
async function rangeHash(start: number, end: number, hashAt: HashAt): Promise<Uint8Array> {
  const width = end - start;
  if (isPowerOfTwo(width)) return hashAt(Math.log2(width), start / width);
  const middle = start + splitPoint(width);
  return nodeHash(await rangeHash(start, middle, hashAt), await rangeHash(middle, end, hashAt));
}

function half(n: number): number {
  return Math.floor(n / 2);
}

function isSize(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}

function isPowerOfTwo(n: number): boolean {
  return 2 ** Math.round(Math.log2(n)) === n;
}
