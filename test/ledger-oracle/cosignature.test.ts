import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { signCheckpoint } from "../../packages/kernel/src/ledger/checkpoint.ts";
import {
  cosign,
  cosignaturesOf,
  parseWitnessVkey,
  witnessVkeyOf,
} from "../../packages/kernel/src/ledger/cosignature.ts";
import { testSigner } from "../../packages/kernel/src/ledger/ledger-fixture.ts";
import { parseNote, vkeyOf } from "../../packages/kernel/src/ledger/note.ts";
import { leafHash } from "../../packages/kernel/src/ledger/tree.ts";
import { needs } from "../needs.ts";

const work = mkdtempSync(join(tmpdir(), "prunella-cosignature-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));
const go = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/local/go/bin", "/usr/lib/go/bin"]
  .map((folder) => join(folder, "go"))
  .find((path) => existsSync(path));
const oracle = join(work, "oracle");
/** Nothing is fetched here: `go mod download` in the folder beside this file does that, once. */
const ready =
  needs("Go", go !== undefined) &&
  needs(
    "github.com/transparency-dev/formats in Go's module cache",
    spawnSync(go ?? "go", ["build", "-o", oracle, "."], {
      cwd: join(import.meta.dirname, "cosignature"),
      env: { ...process.env, GO111MODULE: "on", GOFLAGS: "-mod=readonly", GOPROXY: "off", GOTOOLCHAIN: "local" },
    }).status === 0,
  );

const ledger = testSigner("prunella.test/oracle");
const witness = testSigner("prunella.test/witness");
const note = signCheckpoint({ size: 1, root: leafHash(Buffer.from("entry")) }, ledger);
const { text } = parseNote(note);
const path = join(work, "checkpoint");

const ask = (command: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(oracle, [command, path, ...args], { encoding: "utf8" });
  return { status, output: `${stdout}${stderr}` };
};

describe.skipIf(!ready)("transparency-dev's formats packages", () => {
  it("accept our cosignature, and read its time", () => {
    writeFileSync(path, Buffer.concat([note, Buffer.from(cosign(text, witness, 1_679_315_147))]));
    expect(ask("check", vkeyOf(ledger), witnessVkeyOf(witness))).toEqual({
      status: 0,
      output: "ok 1 entries, cosigned 1679315147\n",
    });
  });

  it("refuse one over another checkpoint, and one whose time was changed", () => {
    for (const line of [
      cosign(text.replace("\n1\n", "\n2\n"), witness, 1_679_315_147),
      cosign(text, witness, 1_679_315_147).replace(/(?<= [A-Za-z0-9+/]{14})./, (each) => (each === "A" ? "B" : "A")),
    ]) {
      writeFileSync(path, Buffer.concat([note, Buffer.from(line)]));
      expect(ask("check", vkeyOf(ledger), witnessVkeyOf(witness)).status).toBe(1);
    }
  });

  it("make cosignatures that we accept", () => {
    writeFileSync(path, note);
    const { status, output } = ask("sign", vkeyOf(ledger));
    expect(status).toBe(0);
    const [vkey = "", ...lines] = output.split("\n");
    const both = Buffer.concat([readFileSync(path), Buffer.from(lines.join("\n"))]);
    expect(cosignaturesOf(both, [parseWitnessVkey(vkey)])).toEqual([
      { name: "witness.example/go", seconds: expect.any(Number) },
    ]);
  });
});
