import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Config } from "@prunella/contract";
import { startServer } from "@prunella/server";

/** What another user of the machine can prepare before Prunella starts. */
let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "prunella-neighbour-"));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const start = (dataFolder: string) =>
  startServer({
    config: { ...Config.parse({}), server: Config.parse({ server: { port: 0 } }).server },
    dataFolder,
    isDemo: false,
    log: { info() {}, warn() {} },
  });

describe("a data folder", () => {
  it.each([0o777, 0o775, 0o1777, 0o722])(
    "that others may write (%o) is refused before anything is made in it",
    async (mode) => {
      const folder = join(place, "data");
      mkdirSync(folder);
      chmodSync(folder, mode);
      await expect(start(folder)).rejects.toMatchObject({
        code: "PRUNELLA_USAGE",
        hint: expect.stringContaining("chmod"),
      });
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it.skipIf(process.getuid?.() !== 0)("of another user is refused", async () => {
    const folder = join(place, "data");
    mkdirSync(folder, { mode: 0o700 });
    (await import("node:fs")).chownSync(folder, 65_534, 65_534);
    await expect(start(folder)).rejects.toMatchObject({
      code: "PRUNELLA_USAGE",
      detail: expect.stringContaining("another user"),
    });
  });

  it("leads nothing out of it by a link under a name that was to be guessed", async () => {
    const folder = join(place, "data");
    mkdirSync(folder, { mode: 0o700 });
    const loot = join(place, "loot");
    writeFileSync(loot, "");
    for (const name of ["server.json.tmp", "ledger-key.json.tmp", "checkpoint.tmp"])
      symlinkSync(loot, join(folder, name));
    const server = await start(folder);
    await server.close();
    expect(readFileSync(loot, "utf8")).toBe("");
    expect(lstatSync(join(folder, "ledger-key.json")).isFile()).toBe(true);
  });

  it("takes no lock that is a link, and keeps its own to itself", async () => {
    const folder = join(place, "data");
    mkdirSync(folder, { mode: 0o700 });
    symlinkSync(join(place, "elsewhere"), join(folder, "owner.lock"));
    await expect(start(folder)).rejects.toMatchObject({ code: "PRUNELLA_USAGE" });
    expect(existsSync(join(place, "elsewhere"))).toBe(false);
    rmSync(join(folder, "owner.lock"));
    const server = await start(folder);
    for (const name of ["owner.lock", "server.json", "ledger-key.json", "prunella.db"])
      expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    await server.close();
  });
});
