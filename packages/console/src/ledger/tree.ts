import { concat, same, sha256, type Bytes } from "./bytes.ts";

/** The Merkle tree of RFC 6962, section 2.1, with the browser's own SHA-256. */
export const leafHash = (entry: Bytes): Promise<Bytes> => sha256(concat(Uint8Array.of(0), entry));
export const nodeHash = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(concat(Uint8Array.of(1), left, right));

/** So many hashes are asked for at once. */
const AT_ONCE = 2_048;

/** Root over all leaves: pairs, level by level, and what has no neighbour moves up as it is. */
export async function rootOf(leaves: readonly Bytes[]): Promise<Bytes> {
  let level = leaves;
  while (level.length > 1) {
    const next: Bytes[] = [];
    for (let from = 0; from < level.length; from += AT_ONCE * 2) {
      const part = level.slice(from, from + AT_ONCE * 2);
      const pairs = Array.from({ length: Math.ceil(part.length / 2) }, async (_, at) => {
        const [left, right] = [part[2 * at], part[2 * at + 1]];
        if (left === undefined) throw new RangeError("a pair without a left side");
        return right === undefined ? left : nodeHash(left, right);
      });
      next.push(...(await Promise.all(pairs)));
    }
    level = next;
  }
  return level[0] ?? sha256(new Uint8Array(0));
}

/** Root of the perfect subtree over leaves `n * 2^level` up to `(n + 1) * 2^level`. */
export type HashAt = (level: number, n: number) => Promise<Bytes>;

/** Inclusion proof of one leaf, from the leaf upwards (RFC 6962, section 2.1.1). */
export async function inclusionProof(index: number, size: number, hashAt: HashAt): Promise<Bytes[]> {
  const proof: Promise<Bytes>[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      proof.push(rangeHash(middle, end, hashAt));
      end = middle;
    } else {
      proof.push(rangeHash(start, middle, hashAt));
      start = middle;
    }
  }
  return Promise.all(proof.reverse());
}

/** Where a leaf and its proof lead; the same order of sides as {@link inclusionProof}, walked back. */
export async function leadsTo(
  claim: { readonly index: number; readonly size: number; readonly leaf: Bytes; readonly proof: readonly Bytes[] },
  root: Bytes,
): Promise<boolean> {
  const sides: boolean[] = [];
  let [start, end] = [0, claim.size];
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    const isLeft = claim.index < middle;
    sides.push(isLeft);
    if (isLeft) end = middle;
    else start = middle;
  }
  if (sides.length !== claim.proof.length) return false;
  let hash = claim.leaf;
  for (const [at, isLeft] of sides.reverse().entries()) {
    const sibling = claim.proof[at];
    if (sibling === undefined) return false;
    hash = isLeft ? await nodeHash(hash, sibling) : await nodeHash(sibling, hash);
  }
  return same(hash, root);
}

async function rangeHash(start: number, end: number, hashAt: HashAt): Promise<Bytes> {
  const width = end - start;
  const level = Math.log2(width);
  if (Number.isInteger(level)) return hashAt(level, start / width);
  const middle = start + splitPoint(width);
  return nodeHash(await rangeHash(start, middle, hashAt), await rangeHash(middle, end, hashAt));
}

/** The largest power of two strictly below n, for n of at least 2. */
function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
