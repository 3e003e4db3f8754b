import type { Readable, Writable } from "node:stream";

/** A line that is longer is passed on in pieces, so memory stays bounded. */
const LINE_LIMIT = 8_192;

/** Copies bytes as they are; a slow reader slows the writer down instead of filling memory. */
export function passThrough(
  from: Readable,
  to: Writable,
  onChunk: (chunk: Uint8Array) => void = () => undefined,
): void {
  from.on("data", (chunk: Uint8Array) => {
    onChunk(chunk);
    write(from, to, chunk);
  });
  // A stream that breaks says no more; the exit of the program decides.
  from.on("error", () => undefined);
}

/** Copies whole lines, each with `prefix` before it, so that several programs can share a terminal. */
export function passLines(
  from: Readable,
  to: Writable,
  prefix: string,
  onChunk: (chunk: Uint8Array) => void = () => undefined,
): void {
  const head = Buffer.from(prefix);
  let rest = Buffer.alloc(0);
  const flush = () => {
    if (rest.length > 0) write(from, to, Buffer.concat([head, rest, Buffer.from("\n")]));
    rest = Buffer.alloc(0);
  };
  from.on("data", (chunk: Buffer) => {
    onChunk(chunk);
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10, start); end !== -1; end = chunk.indexOf(10, start)) {
      lines.push(head, rest, chunk.subarray(start, end + 1));
      rest = Buffer.alloc(0);
      start = end + 1;
    }
    rest = Buffer.concat([rest, chunk.subarray(start)]);
    if (lines.length > 0) write(from, to, Buffer.concat(lines));
    if (rest.length > LINE_LIMIT) flush();
  });
  from.on("end", flush);
  from.on("error", () => undefined);
}

function write(from: Readable, to: Writable, bytes: Uint8Array): void {
  if (to.destroyed || to.writableEnded || to.write(bytes)) return;
  from.pause();
  const go = () => {
    to.off("drain", go);
    to.off("close", go);
    from.resume();
  };
  to.on("drain", go);
  to.on("close", go);
}
