import { inflateRawSync, zstdDecompressSync } from "node:zlib";
import { PrunellaError } from "@prunella/contract";

export interface ZipEntry {
  readonly name: string;
  /**
   * Unpacks it.
   *
   * @throws PRUNELLA_REQUEST_INVALID over `maxBytes`, or for broken bytes
   */
  read(maxBytes: number): Buffer;
}

const ENTRIES_MAX = 20_000;
const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
/** The record at the end, and the longest comment behind it. */
const END_BYTES = 22;
const COMMENT_MAX = 65_535;

/**
 * The files of a ZIP archive by its list at the end; what stands before the first file (the mark of a
 * source bundle) does no harm. Stored, deflate and zstd. Nothing is unpacked before it is asked for.
 *
 * Source: APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.16.
 */
export function openZip(bytes: Buffer): ReadonlyMap<string, ZipEntry> {
  const end = findEnd(bytes);
  const count = bytes.readUInt16LE(end + 10);
  const size = bytes.readUInt32LE(end + 12);
  const said = bytes.readUInt32LE(end + 16);
  if (count === 0xffff || size === 0xffffffff || said === 0xffffffff) throw invalid("ZIP64 is not read.");
  if (count > ENTRIES_MAX) throw invalid(`It holds more than ${ENTRIES_MAX} files.`);
  const start = end - size;
  // Offsets count from the first byte of the file, or from where the archive begins in it.
  const shift = start - said;
  if (start < 0 || shift < 0) throw invalid("Its list of files is broken.");
  const entries = new Map<string, ZipEntry>();
  let at = start;
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > end || bytes.readUInt32LE(at) !== CENTRAL) throw invalid("Its list of files is broken.");
    const nameLength = bytes.readUInt16LE(at + 28);
    const next = at + 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    if (next > end) throw invalid("Its list of files is broken.");
    const name = bytes.toString("utf8", at + 46, at + 46 + nameLength);
    const method = bytes.readUInt16LE(at + 10);
    const packed = bytes.readUInt32LE(at + 20);
    const from = bytes.readUInt32LE(at + 42) + shift;
    entries.set(name, { name, read: (maxBytes) => unpack(bytes, { name, method, packed, from }, maxBytes) });
    at = next;
  }
  return entries;
}

interface Place {
  readonly name: string;
  readonly method: number;
  readonly packed: number;
  readonly from: number;
}

function unpack(bytes: Buffer, { name, method, packed, from }: Place, maxBytes: number): Buffer {
  if (from + 30 > bytes.length || bytes.readUInt32LE(from) !== LOCAL) throw invalid(`${label(name)} is not there.`);
  const start = from + 30 + bytes.readUInt16LE(from + 26) + bytes.readUInt16LE(from + 28);
  if (start + packed > bytes.length) throw invalid(`${label(name)} is cut off.`);
  const data = bytes.subarray(start, start + packed);
  try {
    if (method === 0 && data.length <= maxBytes) return data;
    if (method === 8) return inflateRawSync(data, { maxOutputLength: maxBytes });
    if (method === 93) return zstdDecompressSync(data, { maxOutputLength: maxBytes });
  } catch (cause) {
    throw invalid(`${label(name)} does not unpack, or has more than ${maxBytes} bytes.`, cause);
  }
  throw invalid(
    method === 0
      ? `${label(name)} has more than ${maxBytes} bytes.`
      : `${label(name)} is packed in a way that is not known.`,
  );
}

function findEnd(bytes: Buffer): number {
  const oldest = Math.max(0, bytes.length - END_BYTES - COMMENT_MAX);
  for (let at = bytes.length - END_BYTES; at >= oldest; at -= 1)
    if (bytes.readUInt32LE(at) === END && at + END_BYTES + bytes.readUInt16LE(at + 20) === bytes.length) return at;
  throw invalid("It is not a ZIP archive.");
}

/** Names are an outsider's text. */
const label = (name: string): string => (name === "manifest.json" ? name : "A file of it");

const invalid = (detail: string, cause?: unknown): PrunellaError =>
  new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: `The bundle cannot be read. ${detail}`, cause });
