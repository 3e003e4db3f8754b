import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ownDataFolder } from "./data-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "prunella-data-folder-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("is made with all that stands above it, for its user alone, and kept out of repositories", () => {
  const path = join(folder, "of spaces and ümläuts", "data");
  using owned = ownDataFolder(path);
  expect(owned.path).toBe(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(readFileSync(join(path, ".gitignore"), "utf8")).toBe("*\n");
});

test("a second owner is told that there is one", () => {
  using owned = ownDataFolder(join(folder, "owned"));
  owned.announce({ url: "http://127.0.0.1:1", pid: 7, token: "t" });
  expect(() => ownDataFolder(owned.path)).toThrow(/Process 7 owns .* and serves http:\/\/127\.0\.0\.1:1/);
});

describe("a path that cannot be a data folder is the caller's mistake, not another owner's lock", () => {
  test("a file", () => {
    const path = join(folder, "file");
    writeFileSync(path, "");
    expect(() => ownDataFolder(path)).toThrow(expect.objectContaining({ code: "PRUNELLA_USAGE" }));
    expect(() => ownDataFolder(join(path, "below"))).toThrow(expect.objectContaining({ code: "PRUNELLA_USAGE" }));
  });

  test("one whose lock cannot be opened", () => {
    const path = join(folder, "lock");
    mkdirSync(join(path, "owner.lock"), { recursive: true });
    expect(() => ownDataFolder(path)).toThrow(expect.objectContaining({ code: "PRUNELLA_USAGE" }));
  });

  test.skipIf(!existsSync("/proc/self"))("one where nothing can be made, in bounded time (needs /proc)", () => {
    expect(() => ownDataFolder("/proc/prunella/data")).toThrow(expect.objectContaining({ code: "PRUNELLA_USAGE" }));
  });
});
