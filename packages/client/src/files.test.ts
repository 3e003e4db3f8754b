import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it, vi } from "vitest";
import { freshUser } from "./client-fixture.ts";
import { createOnce, readObject, writeWhole } from "./files.ts";

let isFull = false;
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return {
    ...fs,
    writeFileSync: (...given: Parameters<typeof fs.writeFileSync>): void => {
      if (!isFull) return fs.writeFileSync(...given);
      fs.writeFileSync(given[0], "half");
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    },
  };
});

it("leaves no half file on a disk that is full, neither new nor in the place of another", () => {
  const folder = join(freshUser().folder, "home");
  const there = join(folder, "there.json");
  writeWhole(there, '{"a":1}');
  isFull = true;
  expect(() => createOnce(join(folder, "new.json"), '{"b":2}')).toThrow("no space");
  expect(() => writeWhole(there, '{"a":2}')).toThrow("no space");
  isFull = false;
  expect(readdirSync(folder)).toEqual(["there.json"]);
  expect(readFileSync(there, "utf8")).toBe('{"a":1}');
});

it("takes a link to nothing for something that nobody can read, not for nothing", () => {
  const path = join(freshUser().folder, "home/settings.json");
  mkdirSync(dirname(path));
  symlinkSync("/nowhere/at/all", path);
  expect(readObject(path)).toBe("garbage");
  expect(createOnce(path, "{}")).toBe(false);
  expect(existsSync("/nowhere/at/all")).toBe(false);
});

it("works in a home that is reached by a link", () => {
  const { folder } = freshUser();
  mkdirSync(join(folder, "disk"));
  symlinkSync(join(folder, "disk"), join(folder, "home"));
  expect(createOnce(join(folder, "home/crash/a.json"), "{}")).toBe(true);
  writeWhole(join(folder, "home/crash/b.json"), "{}");
  expect(readdirSync(join(folder, "disk/crash")).sort()).toEqual(["a.json", "b.json"]);
});
