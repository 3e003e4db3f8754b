import type { Readable, Writable } from "node:stream";

/** A line that is longer is cut, so memory stays bounded; log lines with a whole request in them are not. */
const LINE_LIMIT = 262_144;
/** Where a line was cut, on both sides. */
const CUT = "[…]";

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
  const [head, headAfterCut] = [Buffer.from(prefix), Buffer.from(`${prefix}${CUT} `)];
  const [end, endAtCut] = [Buffer.from("\n"), Buffer.from(` ${CUT}\n`)];
  let rest: Buffer[] = [];
  let length = 0;
  let isAfterCut = false;

  function* add(bytes: Buffer): Generator<Buffer> {
    rest.push(bytes);
    length += bytes.length;
    while (length > LINE_LIMIT) {
      const all = Buffer.concat(rest);
      const at = characterAt(all, LINE_LIMIT);
      yield* [isAfterCut ? headAfterCut : head, all.subarray(0, at), endAtCut];
      rest = [all.subarray(at)];
      length = all.length - at;
      isAfterCut = true;
    }
  }
  function* finish(): Generator<Buffer> {
    yield isAfterCut ? headAfterCut : head;
    yield* rest;
    yield end;
    rest = [];
    length = 0;
    isAfterCut = false;
  }

  from.on("data", (chunk: Buffer) => {
    onChunk(chunk);
    const lines: Buffer[] = [];
    let start = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, start)) {
      for (const part of add(chunk.subarray(start, at))) lines.push(part);
      for (const part of finish()) lines.push(part);
      start = at + 1;
    }
    if (start < chunk.length) for (const part of add(chunk.subarray(start))) lines.push(part);
    if (lines.length > 0) write(from, to, Buffer.concat(lines));
  });
  from.on("end", () => {
    if (length > 0) write(from, to, Buffer.concat([...finish()]));
  });
  from.on("error", () => undefined);
}

/** The beginning of the character at or just before `at`, so that none is cut in two. */
function characterAt(bytes: Buffer, at: number): number {
  for (let start = at; start > at - 4; start -= 1) if (((bytes[start] ?? 0) & 0xc0) !== 0x80) return start;
  return at;
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
