import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { PrunellaError } from "@prunella/contract";

/** Pieces of bundles on their way, by the SHA-1 of each. */
export interface Chunks {
  /** @throws PRUNELLA_REQUEST_INVALID when the bytes are not what their name says */
  add(checksum: string, bytes: Buffer): void;
  /** Those of the list that are not here, or no longer. */
  missing(checksums: readonly string[]): string[];
  /** Puts them together and forgets them; null when one is missing. */
  take(checksums: readonly string[]): Buffer | null;
}

/** A power of two, as clients expect it. */
export const CHUNK_BYTES = 1_048_576;
/** Of one bundle as it comes. */
export const BUNDLE_BYTES = 67_108_864;
/** Of all that is on its way: two of the largest bundles. Whatever is dropped is asked for again. */
const KEPT_BYTES = 2 * BUNDLE_BYTES;
const KEPT_MS = 600_000;

/**
 * In memory, on purpose: what is in there has not been scrubbed, and only scrubbed text is written. A
 * client whose chunks are lost with the process sends them once more.
 */
export function createChunks(now: () => number): Chunks {
  const kept = new Map<string, { bytes: Buffer; until: number }>();
  let total = 0;

  function drop(checksum: string): void {
    total -= kept.get(checksum)?.bytes.length ?? 0;
    kept.delete(checksum);
  }

  return {
    add(checksum, bytes) {
      if (createHash("sha1").update(bytes).digest("hex") !== checksum)
        throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "A chunk is not what its checksum says." });
      drop(checksum);
      kept.set(checksum, { bytes: Buffer.from(bytes), until: now() + KEPT_MS });
      total += bytes.length;
      for (const [oldest, { until }] of kept) {
        if (until > now() && total <= KEPT_BYTES) break;
        drop(oldest);
      }
    },
    missing: (checksums) => [...new Set(checksums)].filter((checksum) => !kept.has(checksum)),
    take(checksums) {
      const pieces = checksums.flatMap((checksum) => kept.get(checksum)?.bytes ?? []);
      if (pieces.length < checksums.length) return null;
      const whole = Buffer.concat(pieces);
      for (const checksum of checksums) drop(checksum);
      return whole;
    },
  };
}

/** The chunks of an upload: parts named `file`, or `file_gzip` for packed ones, each with its SHA-1 as file name. */
export async function readChunks(body: Buffer, contentType: string): Promise<{ checksum: string; bytes: Buffer }[]> {
  const chunks: { checksum: string; bytes: Buffer }[] = [];
  for (const [name, part] of await readForm(body, contentType)) {
    if (typeof part === "string") continue;
    const isPacked = name === "file_gzip";
    if (!isPacked && name !== "file") continue;
    if (part.size > CHUNK_BYTES * 2) throw tooLarge();
    const bytes = Buffer.from(await part.arrayBuffer());
    chunks.push({ checksum: part.name.toLowerCase(), bytes: isPacked ? unpack(bytes) : bytes });
  }
  if (chunks.some(({ bytes }) => bytes.length > CHUNK_BYTES)) throw tooLarge();
  return chunks;
}

async function readForm(body: Buffer, contentType: string): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(body), { headers: { "content-type": contentType } }).formData();
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "The body is no multipart/form-data.", cause });
  }
}

function unpack(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: CHUNK_BYTES });
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
      detail: `A chunk does not unpack, or has more than ${CHUNK_BYTES} bytes.`,
      cause,
    });
  }
}

const tooLarge = () =>
  new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: `A chunk has at most ${CHUNK_BYTES} bytes.` });
