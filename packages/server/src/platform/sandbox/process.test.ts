import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startSandboxed, type Start } from "./process.ts";
import { clearFolder, openRunFolder } from "./run-folder.ts";

let home = "";
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), "prunella-process-"))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

const start = (command: readonly string[], more: Partial<Start> = {}) =>
  startSandboxed(
    { command, env: {}, cwd: "/", third: null, wallMs: 10_000, watchRssMb: null, clean: () => undefined, ...more },
    AbortSignal.timeout(20_000),
  );
const cannot = (): void => {
  throw new Error("EACCES: permission denied");
};

it("ends as it ended, and nothing else with it, where what it left cannot be taken away", async () => {
  const process_ = await start(["/bin/sh", "-c", "exit 3"], { clean: cannot });
  expect(await process_.exited).toEqual({ code: 3, signal: null, ended: null });
});

it("says that it did not start, also where what was made for it cannot be taken away", async () => {
  await expect(start([join(home, "nothing")], { clean: cannot })).rejects.toThrow(/nothing did not start/);
});

it("says that it did not start where the system takes no such call, and takes away what was made for it", async () => {
  let cleaned = 0;
  await expect(start(["/bin/true", "x".repeat(4_000_000)], { clean: () => void (cleaned += 1) })).rejects.toThrow(
    /\/bin\/true did not start/,
  );
  expect(cleaned).toBe(1);
});

// Nothing is unreadable to root.
it.skipIf(process.getuid?.() === 0)("takes away a folder whatever a run made unreadable in it", () => {
  const folder = openRunFolder(home);
  const inner = join(folder.path, "a", "b");
  mkdirSync(inner, { recursive: true });
  writeFileSync(join(inner, "file"), "text");
  for (const each of [inner, join(folder.path, "a")]) chmodSync(each, 0o000);
  folder.clean();
  expect(existsSync(folder.path)).toBe(false);
  mkdirSync(inner, { recursive: true });
  writeFileSync(join(inner, "file"), "text");
  chmodSync(inner, 0o000);
  clearFolder(folder.path);
  expect(existsSync(folder.path)).toBe(false);
});
