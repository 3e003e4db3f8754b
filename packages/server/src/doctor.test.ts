import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { openServer } from "../../../test/end-to-end/server-fixture.ts";
import { examine } from "./doctor.ts";

afterEach(() => vi.useRealTimers());

test("doctor finds a clock that went back behind the newest ledger entry, and no fault with one that goes on", async () => {
  await using fixture = await openServer();
  const clock = async () => {
    const found = await examine({ dataFolder: fixture.folder, configPath: null });
    return found.find(({ what }) => what === "clock");
  };
  expect(await clock()).toMatchObject({
    state: "ok",
    detail: expect.stringContaining("after the newest ledger entry"),
  });
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 86_400_000 });
  expect(await clock()).toMatchObject({ state: "wrong", mend: expect.stringContaining("NTP") });
});

test("doctor says of a database that cannot be opened once what is wrong, and blames no clock for it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "prunella-doctor-"));
  await using _gone = { [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true }) };
  writeFileSync(join(folder, "prunella.db"), "this is no database, and was one before ".repeat(200));
  const found = await examine({ dataFolder: folder, configPath: null });
  expect(found.filter(({ state }) => state === "wrong").map(({ what }) => what)).toEqual(["database"]);
  expect(found.find(({ what }) => what === "clock")).toMatchObject({
    state: "weak",
    detail: expect.stringContaining("the database was not asked"),
  });
});

test("doctor says which engine would run plugins here, or why none does and what mends it", async () => {
  const found = await examine({ dataFolder: "/nonexistent-data-folder", configPath: null });
  const sandbox = found.find(({ what }) => what === "sandbox");
  expect(sandbox?.detail).toMatch(/^(?:deno(?:\+bwrap)? starts; prunella doctor --sandbox|no plugin can run here: )/);
  expect(sandbox?.state === "ok" || sandbox?.mend !== null).toBe(true);
});
