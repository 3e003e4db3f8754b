import { describe, expect, it } from "vitest";
import { cosign, cosignaturesOf, cosignedAt, parseWitnessVkey, witnessVkeyOf } from "./cosignature.ts";
import { testSigner } from "./ledger-fixture.ts";
import { formatSignatureLine, parseSignatureLine, parseVkey, signNote, vkeyOf } from "./note.ts";

const TEXT = "prunella.test/ledger\n1\nRQNyEq7LZHR4KPTuXjXlkAZ5FhaYJBYZJE6tHQ4MqpU=\n";
const signer = testSigner("witness.test/one");
const witness = parseWitnessVkey(witnessVkeyOf(signer));
const lineOf = (text: string) => parseSignatureLine(text.slice(0, -1));

describe("a cosignature", () => {
  it("says when the witness saw this text, in its first eight bytes", () => {
    const line = lineOf(cosign(TEXT, signer, 1_679_315_147));
    expect(Buffer.from(line.signature).subarray(0, 8).toString("hex")).toBe("00000000641850cb");
    expect(line.signature).toHaveLength(72);
    expect(cosignedAt(TEXT, line, witness)).toBe(1_679_315_147);
  });

  it("holds for no other text, time, key or name", () => {
    const line = lineOf(cosign(TEXT, signer, 1_679_315_147));
    expect(cosignedAt(`${TEXT}more\n`, line, witness)).toBeNull();
    for (let at = 0; at < line.signature.length; at++) {
      const signature = Uint8Array.from(line.signature);
      signature[at] = (signature[at] ?? 0) ^ 1;
      expect(cosignedAt(TEXT, { ...line, signature }, witness), `byte ${at}`).toBeNull();
    }
    expect(cosignedAt(TEXT, line, parseWitnessVkey(witnessVkeyOf(testSigner("witness.test/one"))))).toBeNull();
    expect(cosignedAt(TEXT, line, parseWitnessVkey(witnessVkeyOf({ ...signer, name: "witness.test/two" })))).toBeNull();
    expect(cosignedAt(TEXT, { ...line, signature: new Uint8Array(7) }, witness)).toBeNull();
  });

  it("is of another kind than a signature by the same key", () => {
    expect(witnessVkeyOf(signer)).not.toBe(vkeyOf(signer));
    expect(() => parseWitnessVkey(vkeyOf(signer))).toThrow(/type 4/);
    expect(() => parseVkey(witnessVkeyOf(signer))).toThrow(/type 1/);
    const note = signNote(TEXT, signer);
    expect(cosignaturesOf(note, [witness])).toEqual([]);
  });

  it("is found among the signatures of a note, also where it does not hold", () => {
    const note = Buffer.from(signNote(TEXT, testSigner("prunella.test/ledger"))).toString();
    const broken = lineOf(cosign(TEXT, signer, 7));
    const both =
      note +
      cosign(TEXT, signer, 5) +
      formatSignatureLine({ ...broken, signature: broken.signature.with(9, 0).with(10, 0) });
    expect(cosignaturesOf(Buffer.from(both), [witness])).toEqual([
      { name: "witness.test/one", seconds: 5 },
      { name: "witness.test/one", seconds: null },
    ]);
  });
});
