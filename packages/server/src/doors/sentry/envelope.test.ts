import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PrunellaError } from "@prunella/contract";
import { parseEnvelope } from "./envelope.ts";
import { SENTRY_LIMITS } from "./limits.ts";

const parse = (body: string | Buffer) =>
  parseEnvelope(typeof body === "string" ? Buffer.from(body) : body, SENTRY_LIMITS);
const shape = (body: string | Buffer) => parse(body).items.map(({ type, payload }) => [type, payload.toString()]);
const malformed = (pattern: RegExp): unknown => {
  const detail: unknown = expect.stringMatching(pattern);
  return expect.objectContaining({ code: "PRUNELLA_INGEST_MALFORMED", detail });
};
const failure = (body: string | Buffer): unknown => {
  try {
    return parse(body);
  } catch (error) {
    return error;
  }
};

describe("parseEnvelope", () => {
  it("ends an item without a length at the newline or the end", () => {
    expect(shape('{}\n{"type":"a"}\n{"x":1}\n{"type":"b"}\nrest')).toEqual([
      ["a", '{"x":1}'],
      ["b", "rest"],
    ]);
  });

  it("takes exactly as many bytes as the length says, newlines and header look-alikes included", () => {
    const payload = '\n{"type":"event"}\n{"x":1}\n';
    const body = `{}\n{"type":"attachment","length":${payload.length}}\n${payload}\n{"type":"event"}\n{}`;
    expect(shape(body)).toEqual([
      ["attachment", payload],
      ["event", "{}"],
    ]);
  });

  it("counts lengths in bytes, not characters", () => {
    const payload = "grüße 🌱";
    const bytes = Buffer.byteLength(payload);
    expect(shape(`{}\n{"type":"a","length":${bytes}}\n${payload}\n{"type":"b"}\n1`)).toEqual([
      ["a", payload],
      ["b", "1"],
    ]);
    expect(failure(`{}\n{"type":"a","length":${payload.length}}\n${payload}\n`)).toEqual(
      malformed(/^Item 0 says 8 bytes, but no newline/),
    );
  });

  it("tolerates trailing newlines, CRLF and blank lines between items", () => {
    expect(shape('{}\n{"type":"a"}\n1\n\n\n')).toEqual([["a", "1"]]);
    expect(shape('{}\r\n{"type":"a"}\r\n1\r\n{"type":"b","length":2}\r\nxy\r\n{"type":"c"}\r\n3')).toEqual([
      ["a", "1"],
      ["b", "xy"],
      ["c", "3"],
    ]);
    expect(shape('{}\n\n\r\n{"type":"a"}\n1')).toEqual([["a", "1"]]);
  });

  it("takes an envelope without items, and items without a payload", () => {
    expect(parse("{}")).toEqual({ header: {}, items: [] });
    expect(parse("{}\n\n")).toEqual({ header: {}, items: [] });
    expect(shape('{}\n{"type":"a"}')).toEqual([["a", ""]]);
    expect(shape('{}\n{"type":"a","length":0}')).toEqual([["a", ""]]);
    expect(shape('{}\n{"type":"a","length":0}\n\n{"type":"b"}\n1')).toEqual([
      ["a", ""],
      ["b", "1"],
    ]);
  });

  it("takes a null length for none", () => {
    expect(shape('{}\n{"type":"a","length":null}\nxy\n')).toEqual([["a", "xy"]]);
  });

  it.each(["-1", "1.5", '"3"', "1e30", "true", "[]", "{}"])("refuses the length %s", (length) => {
    expect(failure(`{}\n{"type":"a","length":${length}}\nabc`)).toEqual(malformed(/^The length of item 0/));
  });

  it.each(["4", "9007199254740991"])("refuses the length %s that runs past the end, naming the sizes", (length) => {
    expect(failure(`{}\n{"type":"x"}\n1\n{"type":"secret","length":${length}}\nabc`)).toEqual(
      malformed(new RegExp(`^Item 1 says ${length} bytes, but only 3 are there`)),
    );
  });

  it.each(["", "\n", "x", "[]", "1", "null", '"x"', '{"a":', "\u{0}"])("refuses the envelope header %j", (header) => {
    expect(failure(`${header}\n{"type":"a"}\n1`)).toEqual(malformed(/header/));
  });

  it("refuses an empty body, an item without a type and an item header that is no object", () => {
    expect(failure("")).toEqual(malformed(/empty/));
    expect(failure('{}\n{"length":1}\na')).toEqual(malformed(/^Item 0 has no type/));
    expect(failure('{}\n{"type":1}\na')).toEqual(malformed(/^Item 0 has no type/));
    expect(failure('{}\n{"type":"a"}\n1\nnonsense\n1')).toEqual(malformed(/^The header of item 1/));
  });

  it("refuses header lines over 8 KiB without reading them", () => {
    const long = JSON.stringify({ a: "x".repeat(9000) });
    expect(failure(`${long}\n`)).toEqual(malformed(/8192/));
    expect(failure(`{}\n${long}\n1`)).toEqual(malformed(/item 0 is longer than 8192/));
    expect(failure(Buffer.alloc(50_000_000, "{"))).toEqual(malformed(/8192/));
  });

  it("refuses more than a thousand items", () => {
    expect(parse(`{}\n${'{"type":"a"}\n1\n'.repeat(1000)}`).items).toHaveLength(1000);
    expect(failure(`{}\n${'{"type":"a"}\n1\n'.repeat(1001)}`)).toMatchObject({ code: "PRUNELLA_INGEST_TOO_LARGE" });
  });

  it("survives bytes that are not UTF-8, in headers and payloads", () => {
    const body = Buffer.concat([
      Buffer.from('{"a":"'),
      Buffer.from([0xff, 0xc3]),
      Buffer.from('"}\n{"type":"a"}\n'),
      Buffer.from([0xff, 0xfe]),
    ]);
    expect(parse(body).items[0]?.payload).toEqual(Buffer.from([0xff, 0xfe]));
  });

  it("never says what the body held", () => {
    for (const body of [
      "hunter2",
      "{}\nhunter2",
      '{}\n{"type":"hunter2","length":99}\nhunter2',
      '{}\n{"type":"a","length":"hunter2"}\n',
    ]) {
      expect(String(failure(body))).not.toContain("hunter2");
    }
  });

  it("writes and reads back any items (law)", () => {
    const item = fc.record({ type: fc.string(), payload: fc.uint8Array({ maxLength: 200 }) });
    fc.assert(
      fc.property(fc.array(item), fc.boolean(), (items, trailing) => {
        const parts = [Buffer.from("{}")];
        for (const { type, payload } of items) {
          parts.push(Buffer.from(`\n${JSON.stringify({ type, length: payload.length })}\n`), Buffer.from(payload));
        }
        if (trailing) parts.push(Buffer.from("\n"));
        const read = parse(Buffer.concat(parts)).items.map(({ type, payload }) => ({
          type,
          payload: new Uint8Array(payload),
        }));
        expect(read).toEqual(
          items.map(({ type, payload }) => ({ type: type.toWellFormed(), payload: new Uint8Array(payload) })),
        );
      }),
    );
  });

  it("ends in an envelope or in our own error, whatever the bytes are (law)", () => {
    const line = fc.constantFrom(
      "{}",
      '{"type":"event"}',
      '{"type":"a","length":3}',
      "\n",
      "\r\n",
      "{",
      "\u{0}",
      "xyz",
    );
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.array(line).map((lines) => Buffer.from(lines.join("\n"))),
    );
    fc.assert(
      fc.property(body, (bytes) => {
        const end = failure(bytes);
        if (end instanceof Error) expect(end).toBeInstanceOf(PrunellaError);
      }),
      { numRuns: 1000 },
    );
  });
});
