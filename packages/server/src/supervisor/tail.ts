export interface Tail {
  push(chunk: Uint8Array): void;
  /** What came last, as text; bytes that are not UTF-8 become U+FFFD. */
  text(): string;
}

/** Keeps the last `limit` bytes of a stream, whatever comes, in at most twice that memory. */
export function createTail(limit: number): Tail {
  let kept = new Uint8Array(0);
  let isCut = false;

  function push(chunk: Uint8Array): void {
    isCut ||= kept.length + chunk.length > limit;
    const older = kept.subarray(Math.max(0, kept.length + Math.min(chunk.length, limit) - limit));
    const newer = chunk.subarray(Math.max(0, chunk.length - limit));
    const joined = new Uint8Array(older.length + newer.length);
    joined.set(older);
    joined.set(newer, older.length);
    kept = joined;
  }

  function text(): string {
    const whole = new TextDecoder().decode(isCut ? fromCharacter(kept) : kept);
    if (!isCut) return whole;
    // Half a line at the beginning says nothing, and could be half a secret that no rule knows again.
    const end = whole.indexOf("\n");
    return end === -1 ? whole : whole.slice(end + 1);
  }

  return { push, text };
}

/** Leaves out the rest of a character that was cut at the beginning. */
function fromCharacter(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < 4 && start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.subarray(start);
}
