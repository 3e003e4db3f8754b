import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { needs } from "../needs.ts";
import { read, trackedFiles } from "./files.ts";

const ANALYZE = "/usr/bin/systemd-analyze";

it.skipIf(!needs("systemd-analyze", existsSync(ANALYZE)))("the unit in the guide is one that systemd takes", () => {
  const unit = /```ini\n([^]*?)```/.exec(read("docs/guides/keep-it-running.md"))?.[1] ?? "";
  const folder = mkdtempSync(join(tmpdir(), "prunella-unit-"));
  try {
    const path = join(folder, "prunella.service");
    // What is the installation's own is not on this machine.
    writeFileSync(
      path,
      unit
        .replaceAll(/^(?:User|WorkingDirectory|ReadWritePaths)=.*\n/gm, "")
        .replace(/^ExecStart=.*$/m, "ExecStart=/bin/true"),
    );
    expect(execFileSync(ANALYZE, ["verify", "--man=no", path], { encoding: "utf8", stdio: "pipe" })).toBe("");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it("every guide is found from the first page", () => {
  const guides = trackedFiles().filter((path) => /^docs\/guides\/[^/]+\.md$/.test(path));
  expect(guides.length).toBeGreaterThan(4);
  expect(guides.filter((path) => !read("README.md").includes(`](${path})`))).toEqual([]);
});
