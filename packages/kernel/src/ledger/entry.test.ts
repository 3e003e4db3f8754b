import { describe, expect, it } from "vitest";
import { decodeEntry, encodeEntry } from "./entry.ts";
import { intentEntry } from "./ledger-fixture.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe("entries", () => {
  it("become canonical JSON and come back", () => {
    const entry = intentEntry(1, { ceiling: 2 });
    const bytes = encodeEntry(entry);
    expect(text(bytes)).toMatch(/^\{"action":"restart","args_sha256":/);
    expect(decodeEntry(bytes)).toEqual({ kind: "entry", entry });
  });

  it("are not written when the schema refuses them", () => {
    expect(() =>
      encodeEntry({
        v: 1,
        type: "trigger_registered",
        at: 1,
        project: "default",
        trigger: "t",
        policy_sha256: "nonsense",
        version: 1,
      }),
    ).toThrow(expect.objectContaining({ code: "PRUNELLA_INTERNAL" }));
  });

  it("are not written over 65535 bytes", () => {
    const entry = {
      v: 1,
      type: "genesis",
      at: 1,
      origin: "o".repeat(65_536),
      vkey_sha256: "a".repeat(64),
      software: "x",
    } as const;
    expect(() => encodeEntry(entry)).toThrow(expect.objectContaining({ code: "PRUNELLA_LEDGER_ENTRY_TOO_LARGE" }));
  });

  const sha256 = "a".repeat(64);
  it.each([
    ["not JSON", "{"],
    ["of an unknown type", '{"at":1,"type":"other","v":1}'],
    ["of an unknown field", `{"at":1,"count":1,"extra":1,"hour":0,"project":null,"reason":"x","type":"summary","v":1}`],
    ["unsorted", `{"type":"summary","at":1,"count":1,"hour":0,"project":null,"reason":"x","v":1}`],
    ["spaced", `{"at":1,"count":1,"hour":0,"project":null,"reason":"x","type":"summary", "v":1}`],
    ["of a double key", `{"at":2,"at":1,"count":1,"hour":0,"project":null,"reason":"x","type":"summary","v":1}`],
    [
      "marked with a byte order mark",
      `\ufeff{"at":1,"count":1,"hour":0,"project":null,"reason":"x","type":"summary","v":1}`,
    ],
    [
      "of a lone surrogate",
      `{"at":1,"origin":"\\ud800","software":"x","type":"genesis","v":1,"vkey_sha256":"${sha256}"}`,
    ],
    ["a deep nest", "[".repeat(30_000) + "]".repeat(30_000)],
  ])("are broken when %s", (_, json) => {
    expect(decodeEntry(Buffer.from(json))).toMatchObject({ kind: "broken" });
  });

  it("are broken when not UTF-8", () => {
    const bytes = Buffer.from(`{"at":1,"origin":"?","software":"x","type":"genesis","v":1,"vkey_sha256":"${sha256}"}`);
    expect(decodeEntry(bytes)).toMatchObject({ kind: "entry" });
    bytes[bytes.indexOf("?")] = 0xff;
    expect(decodeEntry(bytes)).toMatchObject({ kind: "broken" });
  });
});
