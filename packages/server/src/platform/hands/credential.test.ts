import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProbeHands } from "@prunella/contract";
import { afterAll, expect, it } from "vitest";
import { createCredentials, readCredential } from "./credential.ts";
import { createReadFile } from "./machine.ts";
import { createPathLooks } from "./path-looks.ts";

const folder = mkdtempSync(join(tmpdir(), "prunella-credential-"));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (text: string) => writeFileSync(join(folder, "token"), text);
const soon = () => AbortSignal.timeout(5_000);

it("reads a secret anew each time, from a file or the environment, and says so when there is none", async () => {
  const environment = { TOKEN: " of-the-environment ", EMPTY: " " };
  const { read } = createCredentials(createReadFile(folder, createPathLooks()), environment);
  const secretOf = async (name: string) => read(name, soon());
  write("first\n");
  expect(await secretOf("file:token")).toEqual({ ok: true, secret: "first" });
  write("second");
  expect(await secretOf("file:token")).toEqual({ ok: true, secret: "second" });
  expect(readCredential("file:token", folder)).toBe("second");
  expect(await secretOf("env:TOKEN")).toEqual({ ok: true, secret: "of-the-environment" });
  write("x".repeat(65_537));
  for (const name of ["file:token", "file:none", "env:EMPTY", "env:NONE"])
    expect([name, await secretOf(name)]).toEqual([name, { ok: true, secret: null }]);
  chmodSync(join(folder, "token"), 0o600);
});

it("waits for no file that hangs longer than whoever asks, and says at once whether a secret was seen", async () => {
  let hangs = false;
  let begun = 0;
  const freed: (() => void)[] = [];
  const paths = createPathLooks();
  const readFile: ProbeHands["readFile"] = ({ path }, signal) =>
    paths.look(path, signal, async () => {
      begun += 1;
      if (hangs) await new Promise<void>((resolve) => freed.push(resolve));
      return { ok: true, text: "secret" };
    });
  const { read, isSet } = createCredentials(readFile, {});
  // Never looked for, so not there; the look that this begins finds it.
  expect(isSet("file:token")).toBe(false);
  await expect.poll(() => isSet("file:token")).toBe(true);
  await expect.poll(() => begun).toBeGreaterThan(0);
  hangs = true;
  const before = begun;
  expect(await read("file:token", AbortSignal.timeout(20))).toMatchObject({ ok: false, category: "timeout" });
  // However often it is asked, one look at most is under way, and the answer is the last that is known.
  for (let at = 0; at < 100; at += 1) expect(isSet("file:token")).toBe(true);
  expect(begun).toBeLessThanOrEqual(before + 2);
  hangs = false;
  for (const free of freed) free();
  await expect.poll(() => read("file:token", soon())).toEqual({ ok: true, secret: "secret" });
});
