import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needs } from "../../../../../test/needs.ts";
import { probeBubblewrap } from "./bubblewrap.ts";
import { fillTemplate, runTemplate } from "./template.ts";

const LOG = ["git", "log", "--oneline", "-n", "{n:int}", "{branch:word}"];

const canRun = needs("bubblewrap", (await probeBubblewrap(AbortSignal.timeout(10_000))) === null);

describe("a process template", () => {
  it.each([
    [{ n: 3, branch: "main" }, ["git", "log", "--oneline", "-n", "3", "main"]],
    [{ n: "12", branch: "feature/a-1" }, ["git", "log", "--oneline", "-n", "12", "feature/a-1"]],
    [{ n: -1, branch: "main" }, /\{n:int\} needs a whole number/],
    [{ n: 1, branch: "--output=/etc/passwd" }, /\{branch:word\} needs a word/],
    [{ n: 1, branch: "a/../../b" }, /without \.\./],
    [{ n: 1, branch: "a;rm" }, /needs a word/],
    [{ n: 1, branch: "a b" }, /needs a word/],
    [{ n: 1 }, /\{branch:word\}/],
    [{ n: 1, branch: "a", more: "x" }, /there is no place \{more\}/],
    [{ n: 1.5, branch: "a" }, /whole number/],
  ])("filled with %j", (args, expected) => {
    const filled = fillTemplate(LOG, args);
    if (Array.isArray(expected)) expect(filled).toEqual(expected);
    else expect(filled).toMatch(expected);
  });

  let root = "";
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "prunella-template-test-"));
    writeFileSync(join(root, "a.txt"), "text");
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@example.org", ...args], {
        cwd: root,
        env: { PATH: "/usr/bin:/bin", GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" },
      });
    git("init", "-q", "-b", "main");
    git("add", ".");
    git("commit", "-q", "-m", "first");
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const run = (argv: readonly string[], access: "read" | "write" = "read") =>
    runTemplate({ argv, roots: [{ path: root, name: "workspace", access }] }, AbortSignal.timeout(20_000));

  it.runIf(canRun)("runs a program of the system over the folder that was granted, and sees nothing else", async () => {
    const log = await run(["git", "log", "--oneline"]);
    expect(log).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f]{7} first\n$/), isCut: false });
    expect(await run(["ls", "/", "/roots"])).toMatchObject({
      code: 0,
      stdout: expect.not.stringMatching(/^(?:root|home|var|sys|work)$/m),
    });
    expect(await run(["cat", "/etc/passwd"])).toMatchObject({ code: 1, stdout: "" });
    expect(await run(["cat", "/sys/class/net/eth0/address"])).toMatchObject({ code: 1 });
    expect(
      (await run(["env"])).stdout
        .split("\n")
        .map((line) => line.split("=")[0])
        .filter((name) => !/^(?:PATH|HOME|LANG|TZ|GIT_\w+|PWD|)$/.test(name ?? "")),
    ).toEqual([]);
  });

  it.runIf(canRun)("writes where that was granted and nowhere else", async () => {
    expect(await run(["touch", "new"])).toMatchObject({ code: 1 });
    expect(await run(["touch", "new"], "write")).toMatchObject({ code: 0 });
    expect(await run(["touch", "/usr/x"], "write")).toMatchObject({ code: 1 });
  });

  it
    .runIf(canRun)
    .each([
      [["--bind", "/", "/roots", "cat", "/roots/etc/passwd"]],
      [["--share-net", "cat", "/proc/net/dev"]],
      [["--setenv", "A", "b", "env"]],
    ])("%j is a program that there is not, and no word to the layer around it", async (argv) => {
    expect(await run(argv)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/execvp --/) });
  });

  it.runIf(canRun)("has room of its own for 64 MiB that no folder of the host holds", async () => {
    const before = readdirSync(tmpdir());
    expect(await run(["touch", "/tmp/a"])).toMatchObject({ code: 0 });
    const filled = await run(["dd", "if=/dev/zero", "of=/tmp/a", "bs=1M", "count=60"]);
    expect(filled).toMatchObject({ code: 0 });
    // In two files: one alone ends at the limit of a file.
    const full = await run(["sh", "-c", "head -c 40000000 /dev/zero > /tmp/a && head -c 40000000 /dev/zero > /tmp/b"]);
    expect(full).toMatchObject({ code: 1, stderr: expect.stringMatching(/No space left/) });
    const made = readdirSync(tmpdir()).filter((name) => !before.includes(name));
    expect(made.filter((name) => name.startsWith("prunella-template-"))).toEqual([]);
  });

  it.runIf(canRun)("ends when all that it started takes more memory than one of it may", async () => {
    const hold = "head -c 200000000 /dev/zero | tail -c 200000000 | sleep 20";
    await expect(
      run(["sh", "-c", [hold, hold, hold, hold].map((one) => `(${one}) &`).join(" ") + " wait"]),
    ).rejects.toThrow("it took more memory than 512 MB");
  });

  it.runIf(canRun)("is cut off where it says more than a mebibyte", async () => {
    expect(await run(["yes"])).toMatchObject({ isCut: true });
  });
});
