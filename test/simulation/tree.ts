import { createHash } from "node:crypto";

/** The tree of RFC 6962 once more, so that the head is not held against what made it. */
export function createTree() {
  const hash = (prefix: number, ...parts: Buffer[]) =>
    createHash("sha256")
      .update(Buffer.concat([Buffer.of(prefix), ...parts]))
      .digest();
  /** Whole subtrees, largest first. */
  let peaks: { hash: Buffer; leaves: number }[] = [];
  let size = 0;
  return {
    size: () => size,
    append(entry: string) {
      size += 1;
      let one = { hash: hash(0, Buffer.from(entry)), leaves: 1 };
      for (let left = peaks.at(-1); left?.leaves === one.leaves; left = peaks.at(-1)) {
        peaks = peaks.slice(0, -1);
        one = { hash: hash(1, left.hash, one.hash), leaves: left.leaves * 2 };
      }
      peaks.push(one);
    },
    root: () =>
      peaks
        .map((peak) => peak.hash)
        .reduceRight((right, left) => hash(1, left, right))
        .toString("hex"),
  };
}
