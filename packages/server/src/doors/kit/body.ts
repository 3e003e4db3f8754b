import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import { PrunellaError } from "@prunella/contract";
import { decompress, tooLarge, type Encoding } from "./decompress.ts";
import type { Hold } from "./in-flight.ts";

export interface BodyLimits {
  /** Bytes on the wire of an encoded body. */
  readonly compressedMax: number;
  /** Bytes after decompression, and of a body without encoding. */
  readonly decompressedMax: number;
  /** What can never fit the shared memory is too large, not a reason to try again later. */
  readonly inFlightMax: number;
}

export interface BodyBounds {
  readonly encoding: Encoding | null;
  readonly wireMax: number;
  readonly compressedMax: number;
  readonly unpackedMax: number;
}

/**
 * What the headers of a request say of its body.
 *
 * @throws PRUNELLA_INGEST_TOO_LARGE by Content-Length, before anything is read
 * @throws PRUNELLA_INGEST_ENCODING for an unknown encoding, or several encodings
 */
export function boundsOf(
  headers: IncomingHttpHeaders,
  { compressedMax, decompressedMax, inFlightMax }: BodyLimits,
): BodyBounds {
  const encoding = readEncoding(headers["content-encoding"]);
  const unpackedMax = Math.min(decompressedMax, inFlightMax);
  const wireMax = Math.min(encoding === null ? unpackedMax : compressedMax, inFlightMax);
  if (Number(headers["content-length"] ?? 0) > wireMax) throw tooLarge(wireMax);
  return { encoding, wireMax, compressedMax, unpackedMax };
}

/**
 * A body that needs no unpacking is returned as it is, without a copy. Every unpacked byte is reserved in `hold`.
 *
 * @throws PRUNELLA_INGEST_TOO_LARGE over a cap
 * @throws PRUNELLA_INGEST_ENCODING for broken bytes
 * @throws PRUNELLA_INGEST_BUSY when too much is in flight
 */
export async function unpackBody(
  wire: Buffer,
  { encoding, wireMax, compressedMax, unpackedMax }: BodyBounds,
  hold: Hold,
): Promise<Buffer> {
  if (wire.length > wireMax) throw tooLarge(wireMax);
  // Some clients compress and forget to say so. No envelope and no JSON begins with gzip's magic bytes.
  const actual = encoding ?? (wire[0] === 0x1f && wire[1] === 0x8b ? "gzip" : null);
  if (actual === null) return wire;
  if (wire.length > compressedMax) throw tooLarge(compressedMax);
  return decompress(wire, actual, unpackedMax, hold);
}

const ENCODINGS: ReadonlyMap<string, Encoding | null> = new Map([
  ["", null],
  ["identity", null],
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
  ["br", "br"],
  ["zstd", "zstd"],
]);

function readEncoding(header: string | undefined): Encoding | null {
  if (header === undefined) return null;
  const encoding = ENCODINGS.get(header.trim().toLowerCase());
  if (encoding !== undefined) return encoding;
  throw new PrunellaError("PRUNELLA_INGEST_ENCODING", {
    detail: header.includes(",") ? "The body has several encodings." : "The content encoding is not known.",
    hint: "Send one of gzip, deflate, br, zstd, or no encoding.",
  });
}

/**
 * Reads one request body to its end, counting while it streams (SDKs send chunked, without a length).
 * A body that came as one chunk is returned as that chunk, without a copy. After a refusal the rest is
 * read and thrown away, up to the cap once more or 2 MiB: closing at once would reset the connection, and the
 * client would never see the answer. Every byte returned is reserved in `hold`, which the caller disposes
 * after the answer.
 *
 * @throws PRUNELLA_INGEST_TOO_LARGE over the cap
 * @throws PRUNELLA_INGEST_BUSY when too much is in flight
 * @throws PRUNELLA_INGEST_MALFORMED when the connection ends before the body
 */
export function readWire(source: Readable, maxBytes: number, hold: Hold): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let body: Buffer = EMPTY;
    let total = 0;
    const stop = (): void => {
      source.off("data", onData).off("end", onEnd).off("error", onCut).off("close", onCut);
    };
    const refuse = (reason: unknown): void => {
      stop();
      body = EMPTY;
      discard(source, maxBytes);
      reject(reason);
    };
    const onData = (chunk: Buffer): void => {
      if (total + chunk.length > maxBytes) return refuse(tooLarge(maxBytes));
      try {
        hold.reserve(chunk.length);
      } catch (busy) {
        return refuse(busy);
      }
      body = total === 0 ? chunk : appended(body, total, chunk);
      total += chunk.length;
    };
    const onEnd = (): void => {
      stop();
      resolve(body.length === total ? body : body.subarray(0, total));
    };
    const onCut = (cause?: unknown): void => {
      refuse(
        new PrunellaError("PRUNELLA_INGEST_MALFORMED", { detail: "The connection ended before the body did.", cause }),
      );
    };
    if (source.destroyed || source.readableEnded) return onCut();
    source.on("data", onData).on("end", onEnd).on("error", onCut).on("close", onCut);
  });
}

/** A tighter cap than this is no reason to cut a client off before it has read its answer. */
const DISCARD_MIN = 2 * 1024 * 1024;

/** Reads on without keeping anything; whoever sends even more loses the connection. */
function discard(source: Readable, wireMax: number): void {
  const maxBytes = Math.max(wireMax, DISCARD_MIN);
  let thrownAway = 0;
  source.on("data", (chunk: Buffer) => {
    thrownAway += chunk.length;
    if (thrownAway > maxBytes) source.destroy();
  });
  // A socket that breaks later must find a listener, or it would end the process.
  source.on("error", () => {});
}

const EMPTY = Buffer.alloc(0);

/** One doubling buffer, not a list: a body of one-byte chunks would cost a hundred times its size as a list. */
function appended(body: Buffer, used: number, chunk: Buffer): Buffer {
  if (used + chunk.length <= body.length) {
    chunk.copy(body, used);
    return body;
  }
  const grown = Buffer.allocUnsafeSlow(Math.max(4096, (used + chunk.length) * 2));
  body.copy(grown, 0, 0, used);
  chunk.copy(grown, used);
  return grown;
}
