import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
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
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Config } from "@prunella/contract";
import { startServer } from "@prunella/server";
import { BIN } from "../../packages/cli/src/cli-fixture.ts";

/** What another user of the machine can prepare before Prunella starts. */
let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "prunella-neighbour-"));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const NOBODY = 65_533;
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn("skipped: only root can try what belongs to another user");

/** What a server says that a user of its own runs on the folder. */
function startAs(uid: number, folder: string): string {
  const module = new URL("../../packages/server/src/platform/data-folder.ts", import.meta.url).href;
  // Only the part that looks: another user may not read this checkout.
  const script = `import(${JSON.stringify(module)}).then(({ makeDataFolder }) => { process.setgid(${uid}); process.setuid(${uid}); makeDataFolder(${JSON.stringify(folder)}); console.log("taken") }).catch((error) => console.log(error.message))`;
  return spawnSync(process.execPath, ["--conditions=source", "-e", script], { encoding: "utf8" }).stdout;
}

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

  it.skipIf(!isRoot)("of another user is refused", async () => {
    const folder = join(place, "data");
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, NOBODY, NOBODY);
    await expect(start(folder)).rejects.toMatchObject({
      code: "PRUNELLA_USAGE",
      detail: expect.stringContaining("another user"),
    });
  });

  it.skipIf(!isRoot)("to which another user's link leads is refused", async () => {
    const [folder, link] = [join(place, "data"), join(place, "link")];
    mkdirSync(folder, { mode: 0o700 });
    symlinkSync(folder, link);
    lchownSync(link, NOBODY, NOBODY);
    // Root is nobody's other user, so it is tried as the user that most servers run as.
    chownSync(folder, NOBODY + 1, NOBODY + 1);
    chmodSync(place, 0o755);
    expect(startAs(NOBODY + 1, link)).toContain("belongs to another user");
    expect(readdirSync(folder)).toEqual([]);
  });

  it.skipIf(!isRoot).each(["ledger-key.json", "prunella.db", "server.json", "owner.lock", "programs", "ledger"])(
    "that others could write once is refused for the %s that they left in it",
    (name) => {
      const folder = join(place, "data");
      mkdirSync(folder, { mode: 0o700 });
      chmodSync(place, 0o755);
      chownSync(folder, NOBODY + 1, NOBODY + 1);
      const left = join(folder, name);
      if (name === "programs" || name === "ledger") mkdirSync(left, { mode: 0o777 });
      else writeFileSync(left, "{}", { mode: 0o666 });
      chownSync(left, NOBODY, NOBODY);
      expect(startAs(NOBODY + 1, folder)).toMatch(/belongs to another user, who could write/);
      expect(readdirSync(folder)).toEqual([name]);
    },
  );

  it("is refused for a folder in it that others may write, and none is made under any umask", async () => {
    const folder = join(place, "data");
    const umask = process.umask(0);
    try {
      await (await start(folder)).close();
    } finally {
      process.umask(umask);
    }
    const folders = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isDirectory());
    expect(folders.length).toBeGreaterThan(0);
    for (const { parentPath, name } of folders) expect(statSync(join(parentPath, name)).mode & 0o022).toBe(0);
    const open = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(
        (each) => each.isFile() && each.name !== ".gitignore" && !each.parentPath.startsWith(join(folder, "ledger")),
      )
      .filter(({ parentPath, name }) => (statSync(join(parentPath, name)).mode & 0o077) !== 0);
    expect(open.map(({ name }) => name)).toEqual([]);
    chmodSync(join(folder, "ledger"), 0o777);
    await expect(start(folder)).rejects.toMatchObject({
      code: "PRUNELLA_USAGE",
      hint: expect.stringContaining("chmod"),
    });
  });

  it("writes no tile or checkpoint through a link", async () => {
    const folder = join(place, "data");
    await (await start(folder)).close();
    const loot = join(place, "loot");
    writeFileSync(loot, "");
    for (const name of ["checkpoint.tmp", "vkey.tmp"]) symlinkSync(loot, join(folder, "ledger", name));
    await start(folder).then(
      (server) => server.close(),
      () => undefined,
    );
    expect(readFileSync(loot, "utf8")).toBe("");
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

describe("a folder that somebody left where a command is run", () => {
  it("gets no token but the one that it holds", async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.writeHead(401).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    mkdirSync(join(place, ".prunella"));
    const planted = { url: `http://127.0.0.1:${port}`, pid: process.pid, token: "p".repeat(43) };
    writeFileSync(join(place, ".prunella", "server.json"), JSON.stringify(planted));
    const child = spawn(process.execPath, [BIN, "faults"], {
      cwd: place,
      env: { ...process.env, PRUNELLA_TOKEN: "t".repeat(43) },
      stdio: "ignore",
    });
    await new Promise((resolve) => child.once("exit", resolve));
    server.close();
    expect(asked).toEqual([`Bearer ${planted.token}`]);
  });
});
