import { createServer, request } from "node:http";
import { Readable } from "node:stream";
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PrunellaError } from "@prunella/contract";
import { readBody } from "./body-fixture.ts";
import { createInFlight } from "./in-flight.ts";

const MiB = 1024 * 1024;
const limits = { compressedMax: 20 * MiB, decompressedMax: 64 * MiB };

async function read(
  bytes: Buffer | Buffer[],
  encoding?: string,
  over: { compressedMax?: number; decompressedMax?: number } = {},
) {
  const inFlight = createInFlight(64 * MiB);
  const hold = inFlight.hold();
  const headers = encoding === undefined ? {} : { "content-encoding": encoding };
  const body = await readBody(Readable.from(Array.isArray(bytes) ? bytes : [bytes]), headers, {
    ...limits,
    ...over,
    hold,
  });
  expect(inFlight.usedBytes).toBe(body.length);
  hold[Symbol.dispose]();
  expect(inFlight.usedBytes).toBe(0);
  return body;
}

const refusedAs = (code: string): unknown => expect.objectContaining({ name: "PrunellaError", code });
const text = Buffer.from(`{"a":"${"ü".repeat(5000)}"}`);

describe("readBody", () => {
  it("returns a body of one chunk without a copy", async () => {
    expect(await read(text)).toBe(text);
  });

  it("puts any chunks together, byte for byte", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 30 }), async (parts) => {
        const chunks = parts.map((part) => Buffer.concat([Buffer.from("x"), part]));
        expect((await read(chunks)).equals(Buffer.concat(chunks))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it("does not write into the chunks it was given", async () => {
    const slab = Buffer.from("aabbbb");
    await read([slab.subarray(0, 2), Buffer.from("zz")]);
    expect(slab.toString()).toBe("aabbbb");
  });

  it.each([
    ["gzip", gzipSync(text)],
    ["x-gzip", gzipSync(text)],
    [" GZIP ", gzipSync(text)],
    ["deflate", deflateSync(text)],
    ["deflate", deflateRawSync(text)],
    ["br", brotliCompressSync(text)],
    ["zstd", zstdCompressSync(text)],
    ["identity", text],
    ["", text],
  ])("unpacks %s", async (encoding, packed) => {
    expect((await read(packed, encoding)).equals(text)).toBe(true);
  });

  it("unpacks what is larger than one synchronous call may be", async () => {
    const large = Buffer.alloc(3 * MiB, "0123456789");
    for (const [encoding, packed] of [
      ["gzip", gzipSync(large)],
      ["br", brotliCompressSync(large)],
      ["deflate", deflateRawSync(large)],
      ["zstd", zstdCompressSync(large)],
    ] as const) {
      expect((await read(packed, encoding)).equals(large)).toBe(true);
    }
  });

  it("notices gzip that nobody declared", async () => {
    expect((await read(gzipSync(text))).equals(text)).toBe(true);
  });

  it.each(["compress", "gzip, br", "identity, gzip", "x", "*"])("refuses the encoding %j", async (encoding) => {
    await expect(read(text, encoding)).rejects.toEqual(refusedAs("PRUNELLA_INGEST_ENCODING"));
  });

  it.each(["gzip", "deflate", "br", "zstd"])(
    "refuses bytes that are not %s, and never names them",
    async (encoding) => {
      for (const bytes of [Buffer.from("hunter2 is not compressed"), Buffer.from([0]), Buffer.alloc(100_000, 0xa7)]) {
        const error: unknown = await read(bytes, encoding).catch((reason: unknown) => reason);
        expect(error).toEqual(refusedAs("PRUNELLA_INGEST_ENCODING"));
        expect(String(error)).not.toContain("hunter2");
      }
    },
  );

  it.each([
    ["gzip", gzipSync(text)],
    ["deflate", deflateSync(text)],
    ["br", brotliCompressSync(text)],
    ["zstd", zstdCompressSync(text)],
  ])("refuses %s that ends too early", async (encoding, packed) => {
    for (const cut of [1, 4, Math.floor(packed.length / 2), packed.length - 1]) {
      await expect(read(packed.subarray(0, packed.length - cut), encoding)).rejects.toEqual(
        refusedAs("PRUNELLA_INGEST_ENCODING"),
      );
    }
  });

  it("stops bombs at the cap and gives back what they held", async () => {
    const zeros = Buffer.alloc(200 * MiB);
    for (const [encoding, bomb] of [
      ["gzip", gzipSync(zeros, { level: 1 })],
      ["br", brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } })],
      ["zstd", zstdCompressSync(zeros)],
    ] as const) {
      const inFlight = createInFlight(64 * MiB);
      const hold = inFlight.hold();
      const before = process.memoryUsage().arrayBuffers;
      const reading = readBody(
        Readable.from([bomb]),
        { "content-encoding": encoding },
        { ...limits, decompressedMax: 8 * MiB, hold },
      );
      await expect(reading).rejects.toEqual(refusedAs("PRUNELLA_INGEST_TOO_LARGE"));
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * MiB);
      hold[Symbol.dispose]();
      expect(inFlight.usedBytes).toBe(0);
    }
  }, 30_000);

  it("unpacks one layer of a nested bomb, and only one", async () => {
    const inner = gzipSync(Buffer.alloc(10 * MiB));
    expect((await read(gzipSync(inner), "gzip")).equals(inner)).toBe(true);
  });

  it("refuses by Content-Length before a byte is read", async () => {
    let wasRead = false;
    const source = new Readable({ read: () => void (wasRead = true) });
    const hold = createInFlight(64 * MiB).hold();
    const reading = readBody(source, { "content-length": String(65 * MiB) }, { ...limits, hold });
    await expect(reading).rejects.toEqual(refusedAs("PRUNELLA_INGEST_TOO_LARGE"));
    expect(wasRead).toBe(false);
  });

  it("counts while streaming, with and without an encoding", async () => {
    const chunks = Array.from({ length: 20 }, () => Buffer.alloc(1000));
    await expect(read(chunks, undefined, { decompressedMax: 19_999 })).rejects.toEqual(
      refusedAs("PRUNELLA_INGEST_TOO_LARGE"),
    );
    await expect(read(chunks, "gzip", { compressedMax: 19_999 })).rejects.toEqual(
      refusedAs("PRUNELLA_INGEST_TOO_LARGE"),
    );
    expect((await read(chunks, undefined, { decompressedMax: 20_000 })).length).toBe(20_000);
  });

  it("is busy, not too large, while others hold the memory", async () => {
    const inFlight = createInFlight(10_000);
    using other = inFlight.hold();
    other.reserve(9000);
    for (const [bytes, encoding] of [
      [Buffer.alloc(2000, "a"), undefined],
      [gzipSync(Buffer.alloc(2000, "a")), "gzip"],
    ] as const) {
      using hold = inFlight.hold();
      const headers = encoding === undefined ? {} : { "content-encoding": encoding };
      await expect(readBody(Readable.from([bytes]), headers, { ...limits, hold })).rejects.toEqual(
        refusedAs("PRUNELLA_INGEST_BUSY"),
      );
    }
    expect(inFlight.usedBytes).toBe(9000);
  });

  it("calls too large what could never fit the shared memory", async () => {
    const hold = createInFlight(1000).hold();
    await expect(readBody(Readable.from([Buffer.alloc(1001)]), {}, { ...limits, hold })).rejects.toEqual(
      refusedAs("PRUNELLA_INGEST_TOO_LARGE"),
    );
  });

  it("says so when the connection ends before the body", async () => {
    const source = new Readable({ read() {} });
    const hold = createInFlight(1000).hold();
    const reading = readBody(source, {}, { ...limits, hold });
    source.push(Buffer.from("{"));
    setImmediate(() => source.destroy());
    await expect(reading).rejects.toEqual(refusedAs("PRUNELLA_INGEST_MALFORMED"));
    await expect(readBody(source, {}, { ...limits, hold })).rejects.toEqual(refusedAs("PRUNELLA_INGEST_MALFORMED"));
  });

  it("answers a client that is still sending", async () => {
    const server = createServer((incoming, answer) => {
      const hold = createInFlight(64 * MiB).hold();
      readBody(incoming, incoming.headers, { compressedMax: MiB, decompressedMax: MiB, hold }).then(
        () => answer.end(),
        (error: unknown) => answer.writeHead(error instanceof PrunellaError ? error.status : 500).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const outgoing = request({ port, host: "127.0.0.1", method: "POST" }, (incoming) => {
        incoming.resume();
        resolve(incoming.statusCode);
      });
      outgoing.on("error", reject);
      Readable.from(Array.from({ length: 30 }, () => Buffer.alloc(64 * 1024))).pipe(outgoing);
    });
    server.closeAllConnections();
    server.close();
    expect(status).toBe(413);
  });
});

describe("createInFlight", () => {
  it("never counts more than the cap, never less than zero, and ends at zero", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.constantFrom("reserve", "release", "end"), fc.nat(60))), (steps) => {
        const inFlight = createInFlight(100);
        const holds = Array.from({ length: 4 }, () => inFlight.hold());
        for (const [index, step, bytes] of steps) {
          const hold = holds[index];
          try {
            if (step === "reserve") hold?.reserve(bytes);
            else if (step === "release") hold?.release(bytes);
            else hold?.[Symbol.dispose]();
          } catch (error) {
            expect(error).toEqual(refusedAs("PRUNELLA_INGEST_BUSY"));
          }
          expect(inFlight.usedBytes).toBeGreaterThanOrEqual(0);
          expect(inFlight.usedBytes).toBeLessThanOrEqual(100);
        }
        for (const hold of holds) hold[Symbol.dispose]();
        expect(inFlight.usedBytes).toBe(0);
      }),
    );
  });
});
