import { describe, expect, it } from "vitest";
import { parseStack } from "./parse-stack.ts";
import { dropSharedPrefix } from "./shared-prefix.ts";

const TRACEBACK = `Traceback (most recent call last):
  File "/srv/quay/berth.py", line 12, in moor
    return 100 / n

ZeroDivisionError: division by zero`;

const before = (prefix: string, text = TRACEBACK): string =>
  text
    .split("\n")
    .map((line) => prefix + line)
    .join("\n");

describe("a prefix before every line", () => {
  it.each([
    ["[web] "],
    ["[0] "],
    ["web:start: "],
    ["quay_web.1.k3x9@node-2    | "],
    ["2026-11-30T10:00:00.123456+00:00 app[web.1]: "],
    ["10:00:00 web.1  | "],
    ["[pod/web-7d9f/quay] "],
    ["2026-11-30T10:00:00.12+0000 [APP/PROC/WEB/0] ERR "],
    ["2026-11-30T10:00:00.123000+00:00 quay/web/3f2a9c1b4d "],
    ["2026-11-30 10:00:00.123456789  "],
    ["@400000006749f3a82c8a6f14 "],
    ["Nov 30 10:00:00 pier daemon.err quay[4711]: "],
  ])("%j does not hide the stack", (prefix) => {
    expect(parseStack(before(prefix))).toEqual(parseStack(TRACEBACK));
  });

  it("is read whatever its clock says on each line", () => {
    const lines = TRACEBACK.split("\n").map((line, i) => `[10:00:0${i}] web: ${line}`);
    dropSharedPrefix(lines);
    expect(lines).toEqual(TRACEBACK.split("\n"));
  });

  it("is nothing that the failures say themselves, nor where no line is indented below", () => {
    for (const text of [
      "error: berth: no depth\nerror: berth: \tno name\nerror: berth: closed",
      "quay: no depth\nquay: no name\nquay: closed",
      "#0  0x01 in moor () at berth.c:3\n#1  0x02 in main () at berth.c:9\n#2  0x03 in start ()",
    ]) {
      const lines = text.split("\n");
      dropSharedPrefix(lines);
      expect(lines.join("\n")).toBe(text);
    }
  });
});

describe("a container's line kept as JSON", () => {
  it.each([
    [(line: string) => ({ stream: "stderr", log: `${line}\n`, time: "2026-11-30T10:00:00Z" })],
    [(line: string) => ({ MESSAGE: line, PRIORITY: "3", _PID: "4711" })],
    [(line: string) => ({ log: line, kubernetes: { pod: "web-7d9f" } })],
  ])("is read as the program wrote it (%#)", (kept) => {
    const text = TRACEBACK.split("\n")
      .map((line) => JSON.stringify(kept(line)))
      .join("\n");
    expect(parseStack(text)).toEqual(parseStack(TRACEBACK));
  });
});
