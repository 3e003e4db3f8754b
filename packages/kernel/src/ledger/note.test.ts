import { describe, expect, it } from "vitest";
import { openCheckpoint, parseCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { testSigner } from "./ledger-fixture.ts";
import { keyId, openNote, parseNote, parseVkey, signNote, vkeyOf } from "./note.ts";
import { EMPTY_ROOT, leafHash } from "./tree.ts";

const signer = testSigner("prunella.test/notes");
const verifier = parseVkey(vkeyOf(signer));
const BROKEN = expect.objectContaining({ code: "PRUNELLA_LEDGER_BROKEN" });

describe("signed notes", () => {
  it("open the example in the documentation of Go's sumdb/note", () => {
    const vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const text =
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
    expect(openNote(Buffer.from(`${text}\n\u2014 PeterNeumann ${signature}\n`), parseVkey(vkey))).toBe(text);
  });

  it("open with the key that signed them and no other", () => {
    const note = signNote("one\n\ntwo\n", signer);
    expect(openNote(note, verifier)).toBe("one\n\ntwo\n");
    expect(() => openNote(note, parseVkey(vkeyOf(testSigner("prunella.test/notes"))))).toThrow(BROKEN);
    expect(() => openNote(note, parseVkey(vkeyOf({ ...signer, name: "prunella.test/other" })))).toThrow(BROKEN);
  });

  it("may carry signatures of others beside ours", () => {
    const note = Buffer.from(signNote("text\n", signer)).toString();
    const other = Buffer.from(signNote("text\n", testSigner("witness.test")))
      .toString()
      .slice("text\n\n".length);
    expect(openNote(Buffer.from(note + other), verifier)).toBe("text\n");
    expect(parseNote(Buffer.from(note + other)).signatures.map(({ name }) => name)).toEqual([
      signer.name,
      "witness.test",
    ]);
  });

  it("fail when a second signature of our key does not hold", () => {
    const note = Buffer.from(signNote("text\n", signer)).toString();
    const wrong = Buffer.from(signNote("other\n", signer)).toString().slice("other\n\n".length);
    expect(() => openNote(Buffer.from(note + wrong), verifier)).toThrow(BROKEN);
  });

  it.each([
    "",
    "text",
    "text\n",
    "text\n\n",
    "text\n\n\n",
    "text\n\n\u2014 name\n",
    "text\n\n\u2014 name AAAA\n",
    "text\n\n- name AAAAAAAA\n",
    "text\n\n\u2014 na+me AAAAAAAA\n",
    "text\n\n\u2014 name AAAAAAAA",
    "te\txt\n\n\u2014 name AAAAAAAA\n",
    "text\n\n\u2014 name AAAAAAA\n",
    "text\n\n\u2014 name AAAAAAB=\n",
  ])("do not parse from %j", (text) => expect(() => parseNote(Buffer.from(text))).toThrow(BROKEN));

  it("do not parse from bytes that are not UTF-8, nor from thousands of signatures", () => {
    expect(() => parseNote(Buffer.from([0xff, 0x0a, 0x0a]))).toThrow(BROKEN);
    expect(() => parseNote(Buffer.from(`text\n\n${"\u2014 name AAAAAAAA\n".repeat(101)}`))).toThrow(BROKEN);
  });

  it.each(["text", "te\u0000xt\n", "te\rxt\n", "\ud800\n"])("are not made of %j", (text) => {
    expect(() => signNote(text, signer)).toThrow(expect.objectContaining({ code: "PRUNELLA_INTERNAL" }));
  });

  it.each(["", "na me", "na+me", "na\u00a0me"])("are not signed in the name %j", (name) => {
    expect(() => signNote("text\n", { ...signer, name })).toThrow(
      expect.objectContaining({ code: "PRUNELLA_INTERNAL" }),
    );
  });
});

describe("verifier keys", () => {
  it("are the name, the key's id and the key", () => {
    const [name, id, key = ""] = vkeyOf(signer).split("+", 2).concat(vkeyOf(signer).split("+").slice(2).join("+"));
    expect(name).toBe(signer.name);
    expect(id).toBe(Buffer.from(keyId(signer.name, signer.publicKey)).toString("hex"));
    expect(Buffer.from(key, "base64")).toEqual(Buffer.concat([Buffer.of(1), signer.publicKey]));
  });

  it("are refused with any one byte changed to any other", () => {
    const vkey = Buffer.from(vkeyOf(signer), "latin1");
    const accepted: string[] = [];
    for (let at = 0; at < vkey.length; at++) {
      for (let byte = 0; byte < 256; byte++) {
        if (byte === vkey[at]) continue;
        const other = Buffer.from(vkey);
        other[at] = byte;
        try {
          parseVkey(other.toString("latin1"));
          accepted.push(`${at}: ${byte}`);
        } catch (error) {
          expect(error).toEqual(BROKEN);
        }
      }
    }
    expect(accepted).toEqual([]);
  });

  it("may end in one newline, as files do", () => {
    expect(parseVkey(`${vkeyOf(signer)}\n`).name).toBe(signer.name);
    expect(() => parseVkey(`${vkeyOf(signer)}\n\n`)).toThrow(BROKEN);
  });
});

describe("checkpoints", () => {
  const tree = { size: 7, root: leafHash(Buffer.of(1)) };

  it("give back what was signed", () => {
    expect(openCheckpoint(signCheckpoint(tree, signer), verifier)).toEqual({ origin: signer.name, ...tree });
    expect(openCheckpoint(signCheckpoint({ size: 0, root: EMPTY_ROOT }, signer), verifier).size).toBe(0);
  });

  it("are refused with any bit of theirs flipped", () => {
    const signed = signCheckpoint(tree, signer);
    for (let bit = 0; bit < signed.length * 8; bit++) {
      const damaged = Uint8Array.from(signed);
      const at = Math.floor(bit / 8);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (bit % 8));
      expect(() => openCheckpoint(damaged, verifier), `bit ${bit}`).toThrow(BROKEN);
    }
  });

  it("are refused when signed with another origin", () => {
    const root = Buffer.from(tree.root).toString("base64");
    expect(() => openCheckpoint(signNote(`elsewhere.test\n7\n${root}\n`, signer), verifier)).toThrow(BROKEN);
  });

  const root = Buffer.from(tree.root).toString("base64");
  it.each([
    `o\n07\n${root}\n`,
    `o\n-7\n${root}\n`,
    `o\n7e0\n${root}\n`,
    `o\n7.0\n${root}\n`,
    `o\n\n${root}\n`,
    `o\n9007199254740993\n${root}\n`,
    `\n7\n${root}\n`,
    `o\n7\n${root}`,
    `o\n7\n${root}\nmore\n`,
    `o\n7\nAAAA\n`,
    `o\n7\n ${root}\n`,
  ])("are not %j", (text) => expect(() => parseCheckpoint(text)).toThrow(BROKEN));
});
