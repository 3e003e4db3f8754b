import { describe, expect, it } from "vitest";
import { signCheckpoint } from "./checkpoint.ts";
import { cosign, witnessVkeyOf } from "./cosignature.ts";
import { checkKept, formatKept, parseKept } from "./kept.ts";
import { frontierOf, intentEntry, lawfulEntries, memoryFiles, publishAll, testSigner } from "./ledger-fixture.ts";
import { encodeEntry } from "./entry.ts";
import { parseVkey, vkeyOf } from "./note.ts";
import { rootOf } from "./tree.ts";
import { verifyLedger } from "./verify.ts";

const signer = testSigner();
const vkey = vkeyOf(signer);
const verifier = parseVkey(vkey);
const BROKEN = expect.objectContaining({ code: "PRUNELLA_LEDGER_BROKEN" });
const AT = "2026-11-21T08:00:00Z";

const noteAt = (entries: readonly Uint8Array[], by = signer) =>
  signCheckpoint({ size: entries.length, root: rootOf(frontierOf(entries)) }, by);
const keptAt = (entries: readonly Uint8Array[]) => formatKept(noteAt(entries), verifier, AT);

async function problemsWith(entries: readonly Uint8Array[], text: string): Promise<string[]> {
  const files = memoryFiles();
  await publishAll(entries, files, signer);
  return (await verifyLedger({ reader: files, vkey, kept: parseKept(text) })).problems.map(({ what }) => what);
}

describe("a checkpoint kept in one line", () => {
  const entries = lawfulEntries(600, signer);
  const line = keptAt(entries.slice(0, 300));

  it("is the signed note, with the time before it", () => {
    expect(line).toMatch(/^2026-11-21T08:00:00Z prunella\.test\/ledger 300 [A-Za-z0-9+/=]{44} [A-Za-z0-9+/=]{92}$/);
    const [kept] = parseKept(`${line}\n`);
    expect(kept).toEqual({ at: "2026-11-21T08:00:00Z", note: noteAt(entries.slice(0, 300)) });
  });

  it("may lack its time, stand among others, or be the note as it is served", () => {
    expect(parseKept(line.slice(21))).toEqual([{ at: null, note: noteAt(entries.slice(0, 300)) }]);
    expect(parseKept(`# kept by cron\r\n\n${line}\r\n${line}\n`)).toHaveLength(2);
    expect(parseKept(Buffer.from(noteAt(entries)).toString())).toEqual([{ at: null, note: noteAt(entries) }]);
  });

  it.each(["", "# nothing", "300", line.slice(0, -1), `${line} more`, line.replace(" 300 ", " 0300 ")])(
    "is refused as %j",
    (text) => {
      expect(() => parseKept(text)).toThrow(BROKEN);
    },
  );

  it.each([300, 599, 600])("is extended by the same ledger, from %i entries", async (size) => {
    expect(await problemsWith(entries, keptAt(entries.slice(0, size)))).toEqual([]);
  });

  it("tells of a changed past that verifies under the key", async () => {
    const rewritten = entries.with(1, encodeEntry(intentEntry(1, { ceiling: 1, target: "program:other" })));
    expect(await problemsWith(rewritten, keptAt(entries.slice(0, 300)))).toEqual([
      "The history before entry 300 was changed after 2026-11-21T08:00:00Z.",
    ]);
    expect(await problemsWith(rewritten, line.slice(21))).toEqual([
      "The history before entry 300 was changed after the kept checkpoint was made.",
    ]);
  });

  it("tells of a ledger that was cut, and of each line that it does not extend", async () => {
    expect(await problemsWith(entries.slice(0, 297), `${keptAt(entries.slice(0, 5))}\n${line}`)).toEqual([
      "The ledger has 297 entries and had 300 when it was kept at 2026-11-21T08:00:00Z: it was cut, or taken back to an earlier state.",
    ]);
  });

  it("tells of another ledger, and of a line that this key did not sign", async () => {
    const other = testSigner();
    const foreign = formatKept(noteAt(entries, other), parseVkey(vkeyOf(other)), AT);
    expect(await problemsWith(entries, foreign)).toEqual([expect.stringContaining("does not carry this key's")]);
    const elsewhere = testSigner("prunella.test/elsewhere");
    const away = formatKept(noteAt(entries, elsewhere), parseVkey(vkeyOf(elsewhere)), AT);
    expect(await problemsWith(entries, away)).toEqual([expect.stringContaining("of another ledger")]);
  });

  it("is not believed without a proof", () => {
    const current = { size: 600, root: rootOf(frontierOf(entries)), proof: [] };
    const [kept] = parseKept(line);
    expect(kept && checkKept(kept, verifier, current)).toContain("was changed");
  });
});

describe("cosignatures on the published checkpoint", () => {
  const witness = testSigner("witness.test/one");
  const witnesses = [witnessVkeyOf(witness)];

  async function judge(change: (note: string) => string, demandsWitnesses = false) {
    const files = memoryFiles();
    await publishAll(lawfulEntries(5, signer), files, signer);
    const note = Buffer.from(files.files.get("checkpoint") ?? "").toString();
    files.files.set("checkpoint", Buffer.from(change(note)));
    return (await verifyLedger({ reader: files, vkey, witnesses, demandsWitnesses })).problems.map(({ what }) => what);
  }
  const textOf = (note: string) => note.slice(0, note.indexOf("\n\n") + 1);

  it("are checked when they stand there, and demanded when asked for", async () => {
    expect(await judge((note) => note)).toEqual([]);
    expect(await judge((note) => note, true)).toEqual(["The checkpoint carries no cosignature of witness.test/one."]);
    expect(await judge((note) => note + cosign(textOf(note), witness, 1_700_000_000), true)).toEqual([]);
    expect(await judge((note) => note + cosign("another\ntext\n", witness, 1_700_000_000))).toEqual([
      "The cosignature of witness.test/one does not hold.",
    ]);
  });
});
