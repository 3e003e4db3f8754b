import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { prunella, startPrunella, type Started } from "../cli-fixture.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-backup-"));
const at = (name: string) => join(root, name);
const secret = ["a made-up", "passphrase"].join(" ");
writeFileSync(at("pass"), `${secret}\n`);
writeFileSync(at("other"), "another passphrase\n");
let up: Started;

beforeAll(async () => {
  up = startPrunella(["up", "--port", "0", "--no-demo", "--data", at("data")], { cwd: root });
  await up.until(/http/);
  await prunella(["projects", "add", "shop", "--data", at("data")]);
});
afterAll(async () => {
  up.signal("SIGTERM");
  await up.ended;
  rmSync(root, { recursive: true, force: true });
});

const start = async (data: string): Promise<Started> => {
  const server = startPrunella(["up", "--port", "0", "--no-demo", "--data", data], { cwd: root });
  await server.until(/http/);
  return server;
};

describe("a backup", () => {
  const ways: readonly (readonly [string, readonly string[]])[] = [
    ["plain", []],
    ["encrypted", ["--passphrase-file", at("pass")]],
  ];
  test.each(ways)(
    "%s, made while the server runs, becomes a folder whose server has the same past and signs on",
    async (name, flags) => {
      const made = await prunella(["backup", at(name), "--data", at("data"), ...flags, "--json"]);
      expect(made).toMatchObject({ code: 0 });
      expect(statSync(at(name)).mode & 0o777).toBe(0o600);
      const data = at(`${name}-restored`);
      const back = await prunella(["restore", at(name), "--data", data, ...flags, "--json"]);
      expect(back).toMatchObject({ code: 0 });
      const { root: tree, ledger_size: size }: { root: string; ledger_size: number } = JSON.parse(made.stdout);
      expect(JSON.parse(back.stdout)).toMatchObject({ root: tree, ledger_size: size });
      const server = await start(data);
      expect((await prunella(["projects", "--data", data])).stdout).toContain("shop");
      await prunella(["kill", "--data", data]);
      expect(JSON.parse((await prunella(["ledger", "verify", "--json", "--data", data])).stdout)).toMatchObject({
        ok: true,
      });
      server.signal("SIGTERM");
      await server.ended;
    },
  );

  test("hides everything behind its passphrase, and tells a wrong one", async () => {
    await prunella(["backup", at("hidden"), "--data", at("data"), "--passphrase-file", at("pass")]);
    const bytes = readFileSync(at("hidden")).toString("latin1");
    for (const word of ["SQLite", "BEGIN PRIVATE", "shop"]) expect(bytes).not.toContain(word);
    for (const [flags, words] of [
      [["--passphrase-file", at("other")], "passphrase is another one"],
      [[], "is encrypted"],
    ] as const) {
      const { code, stderr } = await prunella(["restore", at("hidden"), "--data", at("never"), ...flags]);
      expect(stderr).toContain(words);
      expect(code).toBe(1);
    }
  });

  test("that was changed or cut short is refused, and leaves the folder empty", async () => {
    await prunella(["backup", at("sound"), "--data", at("data")]);
    const bytes = readFileSync(at("sound"));
    const changed = Buffer.from(bytes);
    changed[Math.floor(bytes.length / 2)] = (changed[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
    for (const [name, given] of [
      ["changed", changed],
      ["cut", bytes.subarray(0, bytes.length - 5_000)],
      ["header", bytes.subarray(0, 30)],
      ["nothing", Buffer.alloc(0)],
      ["foreign", Buffer.from("not a backup at all\n")],
    ] as const) {
      writeFileSync(at(name), given);
      const { code, stderr } = await prunella(["restore", at(name), "--data", at("empty")]);
      expect([name, code]).toEqual([name, 1]);
      expect(stderr).toContain("(PRUNELLA_USAGE)");
    }
    const fresh = await start(at("empty"));
    fresh.signal("SIGTERM");
    expect((await fresh.ended).code).toBe(0);
  });

  test("is never written over anything, nor restored over a folder in use", async () => {
    await prunella(["backup", at("once"), "--data", at("data")]);
    expect((await prunella(["backup", at("once"), "--data", at("data")])).stderr).toContain("is there already");
    expect((await prunella(["restore", at("once"), "--data", at("data")])).stderr).toContain(
      "(PRUNELLA_DATA_FOLDER_OWNED)",
    );
    expect((await prunella(["backup", at("x"), "--data", at("nowhere")])).stderr).toContain("no embedded database");
  });
});
