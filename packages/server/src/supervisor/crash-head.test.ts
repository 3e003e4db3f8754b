import { describe, expect, it } from "vitest";
import { crashHead } from "./crash-head.ts";
import { createTail } from "./tail.ts";

const deep = (head: string, frame: (at: number) => string): string =>
  `quay: listening\n${head}\n${Array.from({ length: 250 }, (_, at) => frame(at)).join("\n")}\n`;
const JAVA = deep(
  'Exception in thread "main" java.lang.StackOverflowError',
  (at) => `\tat quay.Ferry.dive(Ferry.java:${at})`,
);
const GO = deep(
  "fatal error: concurrent map writes\n\ngoroutine 7 [running]:\nmain.moor(0xc000012345)",
  (at) => `\ngoroutine ${at + 8} [IO wait]:\nnet.(*conn).Read(0xc0000, {0xc0001})\n\t/go/net/net.go:${at} +0x4a`,
);

describe("of a crash that is longer than what is kept", () => {
  it.each([
    ["a full stack", JAVA, 'Exception in thread "main" java.lang.StackOverflowError\n\tat quay.Ferry.dive'],
    ["a dump of all threads", GO, "fatal error: concurrent map writes\n\ngoroutine 7 [running]:\nmain.moor"],
  ])("the beginning is: %s", (_name, text, begins) => {
    const tail = createTail(4_096);
    for (let at = 0; at < text.length; at += 777) tail.push(Buffer.from(text.slice(at, at + 777)));
    expect(tail.text().startsWith(begins)).toBe(true);
    expect(Buffer.byteLength(tail.text())).toBeLessThanOrEqual(4_096);
  });

  it("the end is where something else was said since, or what was thrown stands last", () => {
    const since = `${JAVA}${Array.from({ length: 200 }, (_, at) => `quay: ferry ${at} docked`).join("\n")}\nquay: no berth`;
    const python = deep("Traceback (most recent call last):", (at) => `  File "tide.py", line ${at}, in gull`);
    expect(crashHead(since, 4_096)).toBeNull();
    expect(crashHead(`${python}RecursionError: too deep`, 4_096)).toBeNull();
  });
});
