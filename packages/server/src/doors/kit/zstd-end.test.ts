import { randomBytes } from "node:crypto";
import { constants, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { isWholeZstd } from "./zstd-end.ts";

const text = Buffer.from("every event counts once. ".repeat(40_000));
const skippable = Buffer.concat([Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0]), Buffer.from("abc")]);

describe("the end of zstd bytes", () => {
  it.each([
    ["text", zstdCompressSync(text)],
    ["noise, stored as it is", zstdCompressSync(randomBytes(300_000))],
    ["runs of one byte", zstdCompressSync(Buffer.alloc(1_000_000))],
    ["nothing", zstdCompressSync(Buffer.alloc(0))],
    ["a checksum", zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
    ["no size", zstdCompressSync(text, { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } })],
    ["two frames", Buffer.concat([zstdCompressSync(text), zstdCompressSync(Buffer.from("more"))])],
    ["a frame to skip", Buffer.concat([skippable, zstdCompressSync(text)])],
  ])("is found behind %s, and missed by one byte less", (_what, packed) => {
    expect(isWholeZstd(packed)).toBe(true);
    for (const cut of [1, 2, 3, 5, Math.floor(packed.length / 2), packed.length - 1])
      if (cut < packed.length) expect(isWholeZstd(packed.subarray(0, packed.length - cut)), String(cut)).toBe(false);
  });

  it("is not there in bytes of anything else", () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(64), Buffer.from("{}"), text, skippable.subarray(0, 6)])
      expect(isWholeZstd(bytes)).toBe(false);
  });

  it("is looked for without a throw, whatever stands there", () => {
    for (let round = 0; round < 500; round += 1) {
      const packed = zstdCompressSync(text);
      for (let flips = 0; flips < 3; flips += 1) packed[randomBytes(2).readUInt16LE() % packed.length] = round & 255;
      expect(() => isWholeZstd(packed)).not.toThrow();
    }
  });
});
