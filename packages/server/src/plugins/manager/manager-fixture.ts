import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** For tests: folders of plugins, and repositories of them. */
export const MANIFEST = {
  manifestVersion: 1,
  name: "hello",
  version: "0.1.0",
  description: "Says hello.",
  license: "MIT",
  kind: "local",
  entry: "src/index.ts",
  engines: { prunella: ">=0.1.0" },
  namespace: "hello",
  commands: [{ name: "hi", summary: "Says hi", risk: "read_only" }],
};

const folders: string[] = [];
export const fresh = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "prunella-manager-"));
  folders.push(folder);
  return folder;
};
export function write(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
export const plugin = (files: Readonly<Record<string, string>> = {}, manifest: object = {}): string =>
  write(fresh(), {
    "prunella.plugin.json": JSON.stringify({ ...MANIFEST, ...manifest }),
    "src/index.ts": 'import { word } from "./word.ts";\nexport default { commands: { hi: () => word } };\n',
    "src/word.ts": 'export const word: string = "hi";\n',
    ...files,
  });

export const clearFolders = (): void => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
};

export const git = (cwd: string, ...args: string[]): string =>
  execFileSync(
    "git",
    ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main", ...args],
    {
      cwd,
      encoding: "utf8",
      env: {
        PATH: process.env["PATH"],
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_GLOBAL: "/dev/null",
        HOME: "/nonexistent",
      },
    },
  ).trim();

export function repository(files: Readonly<Record<string, string>> = {}) {
  const folder = plugin(files);
  git(folder, "init", "--quiet");
  git(folder, "add", "-A");
  git(folder, "commit", "--quiet", "-m", "one");
  return { folder, url: `file://${folder}`, commit: git(folder, "rev-parse", "HEAD") };
}
