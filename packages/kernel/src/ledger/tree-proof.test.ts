import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { perfectRoot } from "./tile-builder.ts";
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from "./tree-proof.ts";
import { appendLeaf, EMPTY_FRONTIER, EMPTY_ROOT, leafHash, rootOf } from "./tree.ts";

const MAX = 70;
const leaves = Array.from({ length: MAX }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)));
const roots = [EMPTY_ROOT];
let frontier = EMPTY_FRONTIER;
for (const leaf of leaves) {
  frontier = appendLeaf(frontier, leaf);
  roots.push(rootOf(frontier));
}
const rootAt = (size: number): Uint8Array => roots[size] ?? EMPTY_ROOT;
const leafAt = (index: number): Uint8Array => leaves[index] ?? EMPTY_ROOT;
const hashAt = (level: number, n: number): Uint8Array =>
  perfectRoot(leaves.slice(n * 2 ** level, (n + 1) * 2 ** level));

const sizes = fc.integer({ min: 1, max: MAX });
const pair = sizes.chain((size) => fc.tuple(fc.integer({ min: 0, max: size - 1 }), fc.constant(size)));

/** Every way to flip one byte of the proof, drop a hash, or add one. */
function* damaged(proof: readonly Uint8Array[]): Generator<Uint8Array[]> {
  for (const [i, hash] of proof.entries()) {
    yield proof.toSpliced(i, 1);
    for (let at = 0; at < hash.length; at++) {
      const flipped = Uint8Array.from(hash);
      flipped[at] = (flipped[at] ?? 0) ^ 0x10;
      yield proof.with(i, flipped);
    }
  }
  yield [...proof, EMPTY_ROOT];
  yield [EMPTY_ROOT, ...proof];
}

describe("inclusion proofs", () => {
  it("prove every leaf in every size", async () => {
    for (let size = 1; size <= MAX; size++) {
      for (let index = 0; index < size; index++) {
        const proof = await inclusionProof(index, size, hashAt);
        const claim = { index, size, leaf: leafAt(index), proof, root: rootAt(size) };
        if (!verifyInclusion(claim)) expect.unreachable(`leaf ${index} of ${size}`);
      }
    }
  });

  it("fail with any flipped byte, missing or additional hash", async () => {
    await fc.assert(
      fc.asyncProperty(pair, async ([index, size]) => {
        const proof = await inclusionProof(index, size, hashAt);
        for (const other of damaged(proof))
          expect(verifyInclusion({ index, size, leaf: leafAt(index), proof: other, root: rootAt(size) })).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  it("fail for every other index and leaf", async () => {
    await fc.assert(
      fc.asyncProperty(pair, async ([index, size]) => {
        const proof = await inclusionProof(index, size, hashAt);
        for (let other = -1; other <= size; other++) {
          if (other === index) continue;
          expect(verifyInclusion({ index: other, size, leaf: leafAt(index), proof, root: rootAt(size) })).toBe(false);
          expect(verifyInclusion({ index, size, leaf: leafAt(other), proof, root: rootAt(size) })).toBe(false);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("prove nothing for a fractional or unsafe index", () => {
    for (const index of [0.5, Number.NaN, 2 ** 53])
      expect(verifyInclusion({ index, size: 2 ** 53 + 2, leaf: leafAt(0), proof: [], root: rootAt(1) })).toBe(false);
  });

  it("work beyond 32 bits", async () => {
    // A tree of 2^40 + 1 equal leaves: every perfect subtree of a level has one hash.
    const levels = [leafAt(0)];
    for (let level = 1; level <= 40; level++)
      levels.push(perfectRoot([levels[level - 1] ?? EMPTY_ROOT, levels[level - 1] ?? EMPTY_ROOT]));
    const uniform = (level: number): Uint8Array => levels[level] ?? EMPTY_ROOT;
    const size = 2 ** 40 + 1;
    const root = rootOf({ size, hashes: [uniform(40), uniform(0)] });
    for (const index of [0, 2 ** 32 + 5, 2 ** 40 - 1, 2 ** 40]) {
      const proof = await inclusionProof(index, size, uniform);
      expect(verifyInclusion({ index, size, leaf: leafAt(0), proof, root })).toBe(true);
    }
  });
});

describe("consistency proofs", () => {
  it("prove every size within every later size", async () => {
    for (let size = 0; size <= MAX; size++) {
      for (let oldSize = 0; oldSize <= size; oldSize++) {
        const proof = await consistencyProof(oldSize, size, hashAt);
        const claim = { oldSize, oldRoot: rootAt(oldSize), size, root: rootAt(size), proof };
        if (!verifyConsistency(claim)) expect.unreachable(`${oldSize} within ${size}`);
      }
    }
  });

  it("fail with any flipped byte, missing or additional hash, or other root", async () => {
    await fc.assert(
      fc.asyncProperty(pair, async ([oldSize, size]) => {
        const proof = await consistencyProof(oldSize, size, hashAt);
        const claim = { oldSize, oldRoot: rootAt(oldSize), size, root: rootAt(size), proof };
        for (const other of damaged(proof)) expect(verifyConsistency({ ...claim, proof: other })).toBe(false);
        // The empty tree is a prefix of every tree, whatever its root.
        if (oldSize > 0) expect(verifyConsistency({ ...claim, root: leafAt(0).toReversed() })).toBe(false);
        expect(verifyConsistency({ ...claim, oldRoot: leafAt(0).toReversed() })).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  it("are refused for a tree that shrank", async () => {
    await expect(consistencyProof(3, 2, hashAt)).rejects.toThrow(RangeError);
    expect(verifyConsistency({ oldSize: 3, oldRoot: rootAt(3), size: 2, root: rootAt(2), proof: [] })).toBe(false);
  });
});
