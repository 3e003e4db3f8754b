import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PrunellaError } from "@prunella/contract";
import { decodeStore } from "./store-body.ts";

const ID = "07523aeb541a48e7baba293d0ccfdb12";
const decode = (body: string | Buffer) =>
  decodeStore(Buffer.from(body), { trust: "public", receivedAt: 1e12, newId: () => "e".repeat(32) });
const json = JSON.stringify({
  event_id: ID,
  message: { message: "hi %s", params: ["ü"], formatted: "hi ü" },
  "sentry.interfaces.Stacktrace": { frames: [{ filename: "a.py", function: "f" }] },
});
const coded = (code: string): unknown => expect.objectContaining({ name: "PrunellaError", code });

describe("decodeStore", () => {
  it.each([
    ["bare JSON", json],
    ["JSON after blanks", `\r\n  ${json}\n`],
    ["JSON after a byte order mark", `\u{feff}${json}`],
    ["base64 of zlib (raven)", deflateSync(json).toString("base64")],
    ["base64 in lines", deflateSync(json).toString("base64").replace(/.{40}/g, "$&\r\n")],
    ["base64 of gzip", gzipSync(json).toString("base64")],
    ["base64 of JSON", Buffer.from(json).toString("base64")],
    ["zlib that nobody declared", deflateSync(json)],
  ])("reads %s", (_, body) => {
    expect(decode(body)).toMatchObject({
      id: ID,
      losses: [],
      events: [{ message: "hi ü", message_template: "hi %s", errors: [{ frames: [{ filename: "a.py" }] }] }],
    });
  });

  it("makes an id when there is none", () => {
    expect(decode("{}").id).toBe("e".repeat(32));
  });

  it("counts a transaction and takes nothing of it", () => {
    expect(decode('{"type":"transaction"}')).toMatchObject({
      id: null,
      events: [],
      losses: [{ reason: "dropped.unread.transaction", quantity: 1 }],
    });
  });

  it.each([
    "",
    "   ",
    "[]",
    "null",
    "{",
    "hunter2 hunter2",
    "====",
    "aGVsbG8=",
    deflateRawSync(json).toString("base64"),
    "\u0000",
  ])("refuses %j", (body) => {
    const act = () => decode(body);
    expect(act).toThrow(coded("PRUNELLA_INGEST_MALFORMED"));
    expect(act).not.toThrow(/hunter2/);
  });

  it("refuses base64 of zlib that is cut short", () => {
    expect(() => decode(deflateSync(json).subarray(0, 40).toString("base64"))).toThrow(
      coded("PRUNELLA_INGEST_ENCODING"),
    );
  });

  it("refuses more than 1 MiB, bare, as text, or as a bomb", () => {
    for (const body of [
      `{"a":"${"x".repeat(1024 * 1024)}"}`,
      "a".repeat(2 * 1024 * 1024),
      deflateSync(Buffer.alloc(50 * 1024 * 1024)).toString("base64"),
    ]) {
      expect(() => decode(body)).toThrow(coded("PRUNELLA_INGEST_TOO_LARGE"));
    }
  });

  it("ends well or in our own error, whatever the bytes are (law)", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array().map((bytes) => Buffer.from(bytes)),
          fc.base64String().map((text) => Buffer.from(text)),
        ),
        (body) => {
          try {
            decode(body);
          } catch (error) {
            expect(error).toBeInstanceOf(PrunellaError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
