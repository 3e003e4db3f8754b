import fc from "fast-check";
import { expect, test } from "vitest";
import { createTail } from "./tail.ts";

test("keeps all of what is short", () => {
  const tail = createTail(100);
  tail.push(Buffer.from("one\n"));
  tail.push(Buffer.from("two\n"));
  expect(tail.text()).toBe("one\ntwo\n");
});

test("keeps whole last lines of what is long, however it comes in pieces", () => {
  const text = Array.from({ length: 200 }, (_, at) => `line ${at} äöü€😀`).join("\n");
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }),
      fc.integer({ min: 60, max: 300 }),
      (sizes, limit) => {
        const tail = createTail(limit);
        const bytes = Buffer.from(text);
        for (let at = 0, n = 0; at < bytes.length; n += 1) {
          const size = sizes[n % sizes.length] ?? 1;
          tail.push(bytes.subarray(at, at + size));
          at += size;
        }
        const kept = tail.text();
        expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(limit);
        expect(text.endsWith(kept)).toBe(true);
        expect(kept).toMatch(/^line /);
      },
    ),
  );
});

test("never begins in the middle of a character", () => {
  const tail = createTail(5);
  tail.push(Buffer.from("€€€"));
  expect(tail.text()).toBe("€");
});

test("turns bytes that are not text into marks instead of failing", () => {
  const tail = createTail(10);
  tail.push(Uint8Array.of(0xff, 0xfe, 0x41));
  expect(tail.text()).toBe("\uFFFD\uFFFDA");
});
