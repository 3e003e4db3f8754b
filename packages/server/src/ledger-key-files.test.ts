import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { generateKeyPairSync } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { exportLedgerKey, importLedgerKey } from "./ledger-key-files.ts";
import { ownDataFolder } from "./platform/data-folder.ts";
import { makeLedgerKey } from "./platform/ledger-key.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-ledger-key-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
function aFolder(): string {
  folders += 1;
  const folder = join(root, String(folders));
  mkdirSync(folder);
  return folder;
}
const keyOf = (folder: string): string => join(folder, "ledger-key.json");

test("a key goes from one folder to another by a file, for its user alone at each step", async () => {
  const [one, other] = [aFolder(), join(aFolder(), "not", "there", "yet")];
  const { name } = makeLedgerKey(one);
  const copy = join(root, "copy of a key.json");
  expect(exportLedgerKey(one, copy)).toMatchObject({ name, path: copy });
  expect(statSync(copy).mode & 0o777).toBe(0o600);
  expect(await importLedgerKey(other, copy)).toMatchObject({ name, path: keyOf(other), former: null });
  expect(statSync(keyOf(other)).mode & 0o777).toBe(0o600);
  expect(readFileSync(keyOf(other), "utf8")).toBe(readFileSync(keyOf(one), "utf8"));
});

test("importing the key that is there again changes nothing but a mode that is too wide", async () => {
  const one = aFolder();
  makeLedgerKey(one);
  chmodSync(keyOf(one), 0o644);
  expect(await importLedgerKey(one, keyOf(one))).toMatchObject({ former: null });
  expect(statSync(keyOf(one)).mode & 0o777).toBe(0o600);
});

describe("another key stays", () => {
  test.each(["prunella.db", "ledger/checkpoint"])("when the folder has %s", async (sign) => {
    const [one, other] = [aFolder(), aFolder()];
    makeLedgerKey(one);
    makeLedgerKey(other);
    const before = readFileSync(keyOf(other), "utf8");
    mkdirSync(join(other, "ledger"));
    writeFileSync(join(other, sign), "");
    await expect(importLedgerKey(other, keyOf(one))).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });
    expect(readFileSync(keyOf(other), "utf8")).toBe(before);
  });

  test("beside the new one, when nothing shows that it signed", async () => {
    const [one, other] = [aFolder(), aFolder()];
    const { name } = makeLedgerKey(one);
    makeLedgerKey(other);
    const before = readFileSync(keyOf(other), "utf8");
    const { former, name: now } = await importLedgerKey(other, keyOf(one));
    expect(now).toBe(name);
    expect(readFileSync(former ?? "", "utf8")).toBe(before);
  });
});

test("a folder whose ledger another key signed takes none", async () => {
  const [one, other] = [aFolder(), aFolder()];
  makeLedgerKey(one);
  mkdirSync(join(other, "ledger"));
  writeFileSync(join(other, "ledger", "checkpoint"), "not ours\n");
  await expect(importLedgerKey(other, keyOf(one))).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });
  expect(existsSync(keyOf(other))).toBe(false);
});

test("a folder that a server owns takes none", async () => {
  const [one, other] = [aFolder(), aFolder()];
  makeLedgerKey(one);
  using _owned = ownDataFolder(other);
  await expect(importLedgerKey(other, keyOf(one))).rejects.toMatchObject({ code: "PRUNELLA_DATA_FOLDER_OWNED" });
});

describe("what is no ledger key is refused before anything is touched", () => {
  const pem = (type: "ed25519" | "x25519"): string => {
    const { privateKey } = type === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("x25519");
    return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  };
  test.each([
    ["nothing", ""],
    ["no JSON", "a key"],
    ["a name that cannot stand in a note", JSON.stringify({ name: "a b+c", private_key: pem("ed25519") })],
    ["another kind of key", JSON.stringify({ name: "a", private_key: pem("x25519") })],
    ["half a key", JSON.stringify({ name: "a", private_key: pem("ed25519").slice(0, 60) })],
    ["more than a key", JSON.stringify({ name: "a", private_key: pem("ed25519"), more: 1 })],
  ])("%s", async (_what, text) => {
    const file = join(aFolder(), "file");
    writeFileSync(file, text);
    const folder = join(root, "untouched");
    await expect(importLedgerKey(folder, file)).rejects.toMatchObject({ code: "PRUNELLA_USAGE" });
    expect(existsSync(folder)).toBe(false);
  });

  test("a file that is not there", async () => {
    await expect(importLedgerKey(aFolder(), join(root, "none"))).rejects.toMatchObject({ code: "PRUNELLA_USAGE" });
  });
});

test("exporting overwrites nothing, and says when there is no key", () => {
  const [one, other] = [aFolder(), aFolder()];
  expect(() => exportLedgerKey(one, join(one, "copy"))).toThrow(
    expect.objectContaining({ code: "PRUNELLA_NOT_FOUND" }),
  );
  makeLedgerKey(one);
  makeLedgerKey(other);
  expect(() => exportLedgerKey(one, keyOf(other))).toThrow(expect.objectContaining({ code: "PRUNELLA_CONFLICT" }));
  expect(() => exportLedgerKey(one, join(root, "no", "such", "folder"))).toThrow(
    expect.objectContaining({ code: "PRUNELLA_USAGE" }),
  );
});
