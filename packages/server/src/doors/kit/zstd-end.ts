const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;

/**
 * Whether zstd bytes end where a frame ends (RFC 8878, section 3.1). Node 24 takes a cut-off frame for
 * a whole one and hands out what it has. Reads headers only: one step for each block.
 */
export function isWholeZstd(bytes: Buffer): boolean {
  let at = 0;
  while (at < bytes.length) {
    const next = frameEnd(bytes, at);
    if (next === null || next > bytes.length) return false;
    at = next;
  }
  return bytes.length > 0;
}

/** Where the frame that begins at `start` ends; null when its headers are cut off or make no sense. */
function frameEnd(bytes: Buffer, start: number): number | null {
  if (start + 5 > bytes.length) return null;
  const magic = bytes.readUInt32LE(start);
  if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC)
    return start + 8 > bytes.length ? null : start + 8 + bytes.readUInt32LE(start + 4);
  if (magic !== FRAME_MAGIC) return null;
  const descriptor = bytes[start + 4] ?? 0;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  let at = start + 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes;
  for (let isLast = false; !isLast;) {
    if (at + 3 > bytes.length) return null;
    const header = bytes.readUIntLE(at, 3);
    isLast = (header & 1) === 1;
    const kind = (header >> 1) & 3;
    if (kind === 3) return null;
    // A run of one byte is one byte long, however often it is repeated.
    at += 3 + (kind === 1 ? 1 : header >> 3);
  }
  return at + ((descriptor & 4) === 0 ? 0 : 4);
}
