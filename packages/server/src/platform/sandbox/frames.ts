/** No frame is larger, in either direction; what is larger goes by files and pages. */
export const MAX_FRAME_BYTES = 4_194_304;
/** Nothing that a plugin says needs more, and whatever walks a frame afterwards may recurse. */
const MAX_DEPTH = 64;

/** What a plugin said is no frame. It is ended; what it said before stands. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  readonly reason: "too_large" | "not_json" | "too_deep";

  constructor(reason: FrameError["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Lines of JSON out of bytes as they come. Reads no further than what is asked for, so a flood waits in its pipe. */
export async function* readFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let rest = chunk;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      size += end;
      if (size > MAX_FRAME_BYTES) throw tooLarge();
      held.push(rest.subarray(0, end));
      const line = Buffer.concat(held).toString("utf8");
      held = [];
      size = 0;
      rest = rest.subarray(end + 1);
      if (line.trim() !== "") yield parse(line);
    }
    size += rest.byteLength;
    if (size > MAX_FRAME_BYTES) throw tooLarge();
    if (rest.byteLength > 0) held.push(rest);
  }
}

export function encodeFrame(frame: object): string {
  const line = `${JSON.stringify(frame)}\n`;
  if (Buffer.byteLength(line) > MAX_FRAME_BYTES) throw tooLarge();
  return line;
}

function parse(line: string): unknown {
  if (depthOf(line) > MAX_DEPTH) throw new FrameError("too_deep", `a frame is nested deeper than ${MAX_DEPTH}`);
  try {
    return JSON.parse(line);
  } catch {
    throw new FrameError("not_json", `stdout carries a line that is no JSON (${line.length} characters)`);
  }
}

const tooLarge = (): FrameError => new FrameError("too_large", `a frame is larger than ${MAX_FRAME_BYTES} bytes`);

/** Counted over the text, before anything recurses into it. */
function depthOf(line: string): number {
  let depth = 0;
  let most = 0;
  let isText = false;
  for (let at = 0; at < line.length; at += 1) {
    const code = line.charCodeAt(at);
    if (isText) {
      if (code === 92) at += 1;
      else if (code === 34) isText = false;
    } else if (code === 34) isText = true;
    else if (code === 123 || code === 91) most = Math.max(most, (depth += 1));
    else if (code === 125 || code === 93) depth -= 1;
  }
  return most;
}
