import { crashHead } from "./crash-head.ts";

export interface Tail {
  push(chunk: Uint8Array): void;
  /** What came last, as text; bytes that are not UTF-8 become U+FFFD. Of a crash longer than that its beginning. */
  text(): string;
}

/** So many times what is handed out is remembered: a full stack or a dump of all threads says at its top what it was. */
const REACH = 8;
/** Small chunks become one before there are more of them. */
const MAX_CHUNKS = 256;

/** Keeps the last bytes of a stream, whatever comes, in bounded memory, and hands out at most `limit` of them. */
export function createTail(limit: number): Tail {
  const reach = limit * REACH;
  let chunks: Uint8Array[] = [];
  let length = 0;
  let isCut = false;

  function push(chunk: Uint8Array): void {
    chunks.push(chunk.slice(Math.max(0, chunk.length - reach)));
    length += Math.min(chunk.length, reach);
    isCut ||= chunk.length > reach || length > reach;
    for (let oldest = chunks[0]; oldest !== undefined && length - oldest.length >= reach; oldest = chunks[0]) {
      length -= oldest.length;
      chunks.shift();
    }
    if (chunks.length > MAX_CHUNKS) {
      chunks = [joined()];
      length = Math.min(length, reach);
    }
  }

  function joined(): Uint8Array {
    return Buffer.concat(chunks).subarray(-reach);
  }

  function text(): string {
    const kept = joined();
    const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    if (kept.length <= limit && !isCut) return decode(kept);
    const head = crashHead(wholeLines(decode(isCut ? fromCharacter(kept) : kept), isCut), limit);
    return head ?? wholeLines(decode(fromCharacter(kept.subarray(-limit))), true);
  }

  return { push, text };
}

/** Half a line at the beginning says nothing, and could be half a secret that no rule knows again. */
function wholeLines(text: string, isCut: boolean): string {
  const end = isCut ? text.indexOf("\n") : -1;
  return end === -1 ? text : text.slice(end + 1);
}

/** Leaves out the rest of a character that was cut at the beginning. */
function fromCharacter(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < 4 && start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.subarray(start);
}
