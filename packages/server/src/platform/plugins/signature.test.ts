import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkSignature } from "./signature.ts";
import { openSigstore, SIGNER } from "./sigstore-fixture.ts";

const hex = (text: string): string => createHash("sha256").update(text).digest("hex");
const TREE = `sha256:${hex("files")}`;
let sigstore: Awaited<ReturnType<typeof openSigstore>>;
beforeAll(async () => void (sigstore = await openSigstore()));
afterAll(() => sigstore.close());

const GOOD = { by: SIGNER, issuer: "https://token.example.org", root: "2026-01-01", problem: null };
const bad = (problem: string) => ({ by: null, issuer: null, root: "2026-01-01", problem });
/** With one value of it another. */
function changed(text: string, path: readonly (string | number)[], change: (before: unknown) => unknown): string {
  const bundle: unknown = JSON.parse(text);
  const holder = path.slice(0, -1).reduce<unknown>((at, key) => Reflect.get(Object(at), key), bundle);
  const key = path.at(-1) ?? "";
  Reflect.set(Object(holder), key, change(Reflect.get(Object(holder), key)));
  return JSON.stringify(bundle);
}

it("counts over the digest of these files, as text and as a statement, and says whose it is", async () => {
  expect(checkSignature(await sigstore.signText(`${TREE}\n`), TREE, sigstore.root)).toEqual(GOOD);
  expect(checkSignature(await sigstore.signStatement(hex("files")), TREE, sigstore.root)).toEqual(GOOD);
});

it("does not count over anything else", async () => {
  const other = bad("it is a signature of something else");
  expect(checkSignature(await sigstore.signText(`sha256:${hex("others")}\n`), TREE, sigstore.root)).toEqual(other);
  expect(checkSignature(await sigstore.signText(TREE), TREE, sigstore.root)).toEqual(other);
  expect(checkSignature(await sigstore.signStatement(hex("others")), TREE, sigstore.root)).toEqual(other);
  expect(checkSignature(await sigstore.signStatement(hex("files"), "text/plain"), TREE, sigstore.root)).toEqual(other);
});

it("does not count where another root vouches for it, as the one that comes with this version", async () => {
  const signed = await sigstore.signText(`${TREE}\n`);
  expect(checkSignature(signed, TREE)).toMatchObject({ by: null, root: "2026-11-05", problem: expect.any(String) });
  const another = await openSigstore();
  await another.close();
  expect(checkSignature(signed, TREE, another.root)).toMatchObject({ by: null, problem: expect.any(String) });
});

it("does not count when a part of it is left out or is another", async () => {
  const signed = await sigstore.signText(`${TREE}\n`);
  const statement = await sigstore.signStatement(hex("files"));
  const again = await sigstore.signText(`${TREE}\n`);
  const material = "verificationMaterial";
  const flip = (value: unknown): string => {
    const bytes = Buffer.from(String(value), "base64");
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    return bytes.toString("base64");
  };
  const broken = [
    changed(signed, [material, "tlogEntries"], () => []),
    changed(signed, [material, "tlogEntries", 0, "inclusionPromise", "signedEntryTimestamp"], flip),
    changed(signed, [material, "tlogEntries", 0, "integratedTime"], () => "1"),
    changed(
      signed,
      [material, "tlogEntries", 0],
      () => Reflect.get(Object(JSON.parse(again)), material).tlogEntries[0],
    ),
    changed(signed, ["messageSignature", "signature"], flip),
    changed(statement, ["dsseEnvelope", "signatures", 0, "sig"], flip),
    changed(statement, ["dsseEnvelope", "payload"], (payload) =>
      Buffer.from(Buffer.from(String(payload), "base64").toString().replace("slsa.dev", "slsa.eu")).toString("base64"),
    ),
    changed(signed, [material], () => ({ publicKey: { hint: "mine" }, tlogEntries: [] })),
    "{}",
    "[]",
    "null",
    "",
    `{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}`,
  ];
  for (const text of broken)
    expect(checkSignature(text, TREE, sigstore.root), text.slice(0, 80)).toEqual(bad(expect.any(String)));
});

it("is not looked at by a Node that is too old for it", async () => {
  const signed = await sigstore.signText(`${TREE}\n`);
  const versions = Object.getOwnPropertyDescriptor(process, "versions") ?? {};
  for (const [node, counts] of [
    ["24.14.9", false],
    ["24.15.0", true],
    ["26.0.0", true],
  ] as const) {
    Object.defineProperty(process, "versions", { value: { ...process.versions, node }, configurable: true });
    try {
      expect(checkSignature(signed, TREE, sigstore.root).problem === null).toBe(counts);
    } finally {
      Object.defineProperty(process, "versions", versions);
    }
  }
});
