import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  brotliDecompressSync,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from "node:zlib";
import { PrunellaError } from "@prunella/contract";
import type { Hold } from "./in-flight.ts";
import { isWholeZstd } from "./zstd-end.ts";

export type Encoding = "gzip" | "deflate" | "br" | "zstd";
type Format = Encoding | "deflate-raw";

/**
 * Unpacks one body, stopping at `maxBytes`: a bomb never allocates more than the cap and one chunk.
 * Every unpacked byte is reserved in `hold`.
 *
 * @throws PRUNELLA_INGEST_ENCODING when the bytes are not what the header says (or end too early)
 * @throws PRUNELLA_INGEST_TOO_LARGE over `maxBytes`
 * @throws PRUNELLA_INGEST_BUSY when `hold` has no room
 */
export async function decompress(packed: Buffer, encoding: Encoding, maxBytes: number, hold: Hold): Promise<Buffer> {
  if (encoding !== "deflate") return unpack(packed, encoding, maxBytes, hold);
  // RFC 9110 means zlib by "deflate"; some clients send the raw stream. A raw stream can pass for a
  // zlib header only by chance, so zlib is tried first.
  try {
    return await unpack(packed, "deflate", maxBytes, hold);
  } catch (error) {
    if (!(error instanceof PrunellaError) || error.code !== "PRUNELLA_INGEST_ENCODING") throw error;
    return unpack(packed, "deflate-raw", maxBytes, hold);
  }
}

/** The body's bytes unpacked at once, for callers that cannot wait. Same errors as `decompress`. */
export function decompressSmall(packed: Buffer, format: Format, maxBytes: number): Buffer {
  try {
    return SYNC[format](packed, maxBytes);
  } catch (error) {
    throw isOverflow(error) ? tooLarge(maxBytes) : broken(format, error);
  }
}

export function tooLarge(maxBytes: number): PrunellaError {
  return new PrunellaError("PRUNELLA_INGEST_TOO_LARGE", {
    detail: `The limit here is ${maxBytes} bytes.`,
    hint: "Send less in one request, or drop large attachments.",
  });
}

/** Up to here one synchronous call is several times cheaper than a stream; above, it would block others. */
const SMALL_PACKED = 64 * 1024;
const SMALL_UNPACKED = 1024 * 1024;
const CHUNK = 64 * 1024;

// A zstd frame may ask for a window of gigabytes; 8 MiB is what RFC 8878 asks every decoder to support.
const ZSTD = { chunkSize: CHUNK, params: { [constants.ZSTD_d_windowLogMax]: 23 } };

const SYNC: Readonly<Record<Format, (packed: Buffer, maxOutputLength: number) => Buffer>> = {
  gzip: (packed, maxOutputLength) => gunzipSync(packed, { maxOutputLength }),
  deflate: (packed, maxOutputLength) => inflateSync(packed, { maxOutputLength }),
  "deflate-raw": (packed, maxOutputLength) => inflateRawSync(packed, { maxOutputLength }),
  br: (packed, maxOutputLength) => brotliDecompressSync(packed, { maxOutputLength }),
  zstd: (packed, maxOutputLength) => zstdDecompressSync(packed, { ...ZSTD, maxOutputLength }),
};

const STREAM = {
  gzip: () => createGunzip({ chunkSize: CHUNK }),
  deflate: () => createInflate({ chunkSize: CHUNK }),
  "deflate-raw": () => createInflateRaw({ chunkSize: CHUNK }),
  br: () => createBrotliDecompress({ chunkSize: CHUNK }),
  zstd: () => createZstdDecompress(ZSTD),
};

async function unpack(packed: Buffer, format: Format, maxBytes: number, hold: Hold): Promise<Buffer> {
  if (format === "zstd" && !isWholeZstd(packed)) throw broken(format, null);
  if (packed.length <= SMALL_PACKED) {
    try {
      const whole = SYNC[format](packed, Math.min(SMALL_UNPACKED, maxBytes));
      hold.reserve(whole.length);
      return whole;
    } catch (error) {
      if (error instanceof PrunellaError) throw error;
      if (!isOverflow(error)) throw broken(format, error);
      if (maxBytes <= SMALL_UNPACKED) throw tooLarge(maxBytes);
    }
  }
  const chunks: Buffer[] = [];
  let total = 0;
  // Kept here: on Node 24 the pipeline tells an abort of its own instead of what was thrown.
  let refusal: unknown = null;
  try {
    await pipeline(Readable.from([packed]), STREAM[format](), async (source: AsyncIterable<Buffer>) => {
      for await (const chunk of source) {
        try {
          if (total + chunk.length > maxBytes) throw tooLarge(maxBytes);
          hold.reserve(chunk.length);
        } catch (reason) {
          refusal = reason;
          throw reason;
        }
        total += chunk.length;
        chunks.push(chunk);
      }
    });
  } catch (error) {
    hold.release(total);
    throw refusal ?? broken(format, error);
  }
  return Buffer.concat(chunks, total);
}

function isOverflow(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}

function broken(format: Format, cause: unknown): PrunellaError {
  return new PrunellaError("PRUNELLA_INGEST_ENCODING", {
    detail: `The bytes are not valid ${format}, or they end too early.`,
    cause,
  });
}
