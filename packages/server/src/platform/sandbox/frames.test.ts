import { describe, expect, it } from "vitest";
import { encodeFrame, FrameError, MAX_FRAME_BYTES, readFrames } from "./frames.ts";

async function* chunks(...texts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield typeof text === "string" ? Buffer.from(text) : text;
}

async function all(...texts: readonly (string | Uint8Array)[]): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const frame of readFrames(chunks(...texts))) found.push(frame);
  return found;
}

describe("frames", () => {
  it("come out of any cut of the bytes, letters cut in two included", async () => {
    const bytes = Buffer.from('{"a":"ä€😀"}\n\n{"b":2}\n');
    for (let at = 1; at < bytes.length; at += 1)
      expect(await all(bytes.subarray(0, at), bytes.subarray(at))).toEqual([{ a: "ä€😀" }, { b: 2 }]);
  });

  it("carry a key of a prototype as any other key", async () => {
    const [frame] = await all('{"__proto__":{"isAdmin":true},"constructor":1}\n');
    expect(Object.keys(Object(frame))).toEqual(["__proto__", "constructor"]);
    expect(Reflect.get({}, "isAdmin")).toBeUndefined();
  });

  it.each([
    ["a line that is no JSON", ["hello\n"], "not_json"],
    ["a frame without its end that grows and grows", ["x".repeat(MAX_FRAME_BYTES), "xx"], "too_large"],
    ["a line that is too large in one piece", [`"${"x".repeat(MAX_FRAME_BYTES)}"\n`], "too_large"],
    ["nesting that would overflow whoever walks it", [`${"[".repeat(65)}${"]".repeat(65)}\n`], "too_deep"],
    ["a lone bracket", ["{\n"], "not_json"],
  ])("end at %s", async (_what, texts, reason) => {
    await expect(all(...texts)).rejects.toMatchObject({ name: "FrameError", reason });
  });

  it("are read no further than they are asked for", async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        read += 1;
        yield Buffer.from('{"n":1}\n');
      }
    }
    const frames = readFrames(endless());
    await frames.next();
    await frames.next();
    expect(read).toBe(2);
  });

  it("that we would send are bounded as well", () => {
    expect(() => encodeFrame({ text: "x".repeat(MAX_FRAME_BYTES) })).toThrow(FrameError);
    expect(encodeFrame({ a: "line\nbreak" })).toBe('{"a":"line\\nbreak"}\n');
  });

  it("count no bracket inside a text", async () => {
    expect(await all(`{"a":"${"[".repeat(200)}\\"${"{".repeat(200)}"}\n`)).toHaveLength(1);
  });
});

describe("three hundred lines that nobody should send", () => {
  const PARTS = [
    "{",
    "}",
    "[",
    "]",
    '"',
    ":",
    ",",
    "\\",
    "null",
    "1e999",
    "-",
    "\u0000",
    "\u2028",
    "__proto__",
    "jsonrpc",
    '"id"',
    "ÿ",
    "😀",
    " ",
  ];
  const lines = Array.from({ length: 300 }, (_, seed) =>
    Array.from({ length: 1 + (seed % 23) }, (_part, at) => PARTS[(seed * 7 + at * at * 3 + at) % PARTS.length]).join(
      "",
    ),
  );

  it("each are JSON after all, or end the line with a reason that names no part of them", async () => {
    let refused = 0;
    for (const line of lines) {
      const found = await all(`${line}\n`).catch((error: unknown) => error);
      if (!(found instanceof Error)) {
        if (line.trim() !== "") expect(() => JSON.parse(line)).not.toThrow();
        continue;
      }
      refused += 1;
      expect(found).toMatchObject({ name: "FrameError", reason: "not_json" });
      expect(found.message).toBe(`stdout carries a line that is no JSON (${line.length} characters)`);
    }
    expect(refused).toBeGreaterThan(250);
  });
});
