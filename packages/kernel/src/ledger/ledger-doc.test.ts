import { readFileSync } from "node:fs";
import { LEDGER_ENTRIES } from "@prunella/contract";
import { describe, expect, it } from "vitest";

const page = readFileSync(new URL("../../../../docs/ledger.md", import.meta.url), "utf8");

describe("docs/ledger.md", () => {
  it("lists every entry type with its fields, and no other", () => {
    // A row of that table has field names and nothing else in its second column.
    const rows = [...page.matchAll(/^\| `([a-z_]+)` \| ((?:`[a-z0-9_]+` ?)+)\|/gm)];
    const documented = Object.fromEntries(
      rows.map(([, type = "", fields = ""]) => [
        type,
        [...fields.matchAll(/`([a-z0-9_]+)`/g)].map((match) => match[1]),
      ]),
    );
    const shared = new Set(["v", "at", "type"]);
    const defined = Object.fromEntries(
      Object.entries(LEDGER_ENTRIES).map(([type, schema]) => [
        type,
        Object.keys(schema.shape).filter((field) => !shared.has(field)),
      ]),
    );
    expect(documented).toEqual(defined);
  });
});
