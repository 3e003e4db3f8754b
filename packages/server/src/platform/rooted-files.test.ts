import { execFileSync } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listBelow, MAX_FILE_BYTES, readBelow, writeBelow } from "./rooted-files.ts";

let folder = "";
let root = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "prunella-rooted-"));
  root = join(folder, "root");
  mkdirSync(join(root, "in"), { recursive: true });
  writeFileSync(join(root, "in", "a.txt"), "inside");
  mkdirSync(join(folder, "root-beside"));
  writeFileSync(join(folder, "root-beside", "secret.txt"), "outside");
  symlinkSync(join(folder, "root-beside"), join(root, "link"));
  symlinkSync(join(folder, "root-beside", "secret.txt"), join(root, "secret.txt"));
  symlinkSync(join(root, "in"), join(root, "inner-link"));
  linkSync(join(folder, "root-beside", "secret.txt"), join(root, "hard.txt"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("files below a root", () => {
  it("are read, listed and written, and a root may be reached by a link of its owner's", async () => {
    symlinkSync(root, join(folder, "way"));
    for (const way of [root, join(folder, "way")]) {
      expect((await readBelow(way, "in/a.txt")).toString()).toBe("inside");
      expect((await readBelow(way, "./in/../in/a.txt")).toString()).toBe("inside");
      expect(await listBelow(way, "in")).toEqual([{ name: "a.txt", type: "file" }]);
    }
    await writeBelow(root, "in/b.txt", Buffer.from("new"));
    await writeBelow(root, "in/a.txt", Buffer.from("changed"));
    expect(readFileSync(join(root, "in", "a.txt"), "utf8")).toBe("changed");
    expect(readdirSync(join(root, "in"))).toEqual(["a.txt", "b.txt"]);
  });

  it.each([
    "../root-beside/secret.txt",
    "/etc/passwd",
    "in/../../root-beside/secret.txt",
    "link/secret.txt",
    "secret.txt",
    "hard.txt",
    "in/a.txt\0",
    "inner-link/a.txt",
    "in",
    "..",
  ])("are not read at %j", async (path) => {
    await expect(readBelow(root, path)).rejects.toMatchObject({ name: "RootedFileError" });
  });

  it.each(["../root-beside/x", "link/x", "secret.txt", "hard.txt", "none/x", "in", "/tmp/x", "link/../link/x"])(
    "are not written at %j",
    async (path) => {
      await expect(writeBelow(root, path, Buffer.from("x"))).rejects.toThrow();
      expect(readFileSync(join(folder, "root-beside", "secret.txt"), "utf8")).toBe("outside");
      expect(readdirSync(join(folder, "root-beside"))).toEqual(["secret.txt"]);
      expect(readdirSync(root).filter((name) => name.endsWith(".part"))).toEqual([]);
    },
  );

  it("are not listed through a link, nor outside", async () => {
    for (const path of ["link", "..", "inner-link", "none"])
      await expect(listBelow(root, path)).rejects.toMatchObject({ name: "RootedFileError" });
  });

  it("that are pipes or too large are refused at once", async () => {
    execFileSync("mkfifo", [join(root, "pipe")]);
    await expect(readBelow(root, "pipe")).rejects.toThrow("no plain file");
    await expect(writeBelow(root, "big", Buffer.alloc(MAX_FILE_BYTES + 1))).rejects.toThrow("are not written");
    writeFileSync(join(root, "big"), Buffer.alloc(MAX_FILE_BYTES + 1));
    await expect(readBelow(root, "big")).rejects.toThrow("more than");
  });

  it("never come from outside while a folder and a link change places", async () => {
    let isOver = false;
    const swap = (async () => {
      for (let at = 0; at < 300; at += 1) {
        renameSync(join(root, "in"), join(root, "kept"));
        symlinkSync(join(folder, "root-beside"), join(root, "in"));
        await new Promise((resolve) => setImmediate(resolve));
        rmSync(join(root, "in"));
        renameSync(join(root, "kept"), join(root, "in"));
        await new Promise((resolve) => setImmediate(resolve));
      }
      isOver = true;
    })();
    writeFileSync(join(folder, "root-beside", "a.txt"), "outside");
    const seen = new Set<string>();
    while (!isOver) seen.add(await readBelow(root, "in/a.txt").then(String, (error: Error) => error.name));
    await swap;
    expect(seen.has("outside")).toBe(false);
    expect(seen.size).toBeGreaterThan(0);
  });
});
