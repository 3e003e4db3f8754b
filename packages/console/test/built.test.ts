import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { expect, it } from "vitest";

const dist = join(import.meta.dirname, "../dist");

it("what leaves packed is what stands there plain, down to the last byte", () => {
  const packed = globSync("**/*.br", { cwd: dist });
  expect(packed.length).toBeGreaterThan(5);
  for (const name of packed) {
    const plain = readFileSync(join(dist, name.slice(0, -".br".length)));
    expect(brotliDecompressSync(readFileSync(join(dist, name))).equals(plain), name).toBe(true);
  }
});
