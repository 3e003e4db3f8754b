/** The tutorial as a reader goes through it: its blocks in order, in one shell, each with what must be seen. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { needs } from "../needs.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/tutorial.md"), "utf8");
/** A block that was not answered by then is said with what came instead. */
const PATIENCE_MS = 60_000;

interface Step {
  readonly stays: boolean;
  readonly lines: string;
  readonly wanted: readonly string[];
}

const steps: readonly Step[] = [...PAGE.matchAll(/^```sh( stays)?\n([^]*?)^```\n(?:\n```text\n([^]*?)^```\n)?/gm)].map(
  ([, stays, lines = "", wanted = ""]) => ({
    stays: stays !== undefined,
    lines,
    wanted: wanted.split("\n").filter((line) => line !== ""),
  }),
);

/** A folder that has what a checkout has, and nothing of a server that runs in the checkout itself. */
const folder = mkdtempSync(join(tmpdir(), "prunella-tutorial-"));
for (const name of ["node_modules", "packages", "package.json"]) symlinkSync(join(ROOT, name), join(folder, name));

interface Shell {
  readonly process: ChildProcess;
  /** All that was printed so far. */
  readonly printed: () => string;
  readonly type: (lines: string) => void;
}

const shells: Shell[] = [];

/** Job control, so that what is started in it has a group of its own and can be ended as a whole. */
function openShell(): Shell {
  const child = spawn("bash", ["-m"], { cwd: folder, detached: true, env: { ...process.env, NO_COLOR: "1" } });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => void (printed += text));
  const shell: Shell = { process: child, printed: () => printed, type: (lines) => void child.stdin.write(lines) };
  shells.push(shell);
  return shell;
}

async function until(shell: Shell, from: number, isThere: (text: string) => boolean): Promise<string> {
  const end = Date.now() + PATIENCE_MS;
  while (!isThere(shell.printed().slice(from)) && Date.now() < end) await new Promise((next) => setTimeout(next, 50));
  return shell.printed().slice(from);
}

afterAll(async () => {
  for (const { process: child } of shells.toReversed()) {
    // Jobs of a shell have groups of their own: their parents are asked for them.
    const jobs = spawnSync("ps", ["-o", "pgid=", "--ppid", String(child.pid)], { encoding: "utf8" }).stdout;
    for (const group of new Set(jobs.split(/\s+/).filter((word) => word !== ""))) endGroup(Number(group));
    const gone = new Promise((next) => child.once("exit", next));
    child.kill("SIGKILL");
    await gone;
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
});

function endGroup(group: number): void {
  try {
    process.kill(-group, "SIGTERM");
  } catch {
    // It has ended by itself.
  }
}

const hasTools = needs(
  "bash, npx and ps",
  ["bash", "npx", "ps"].every((tool) => spawnSync("which", [tool]).status === 0),
);

describe.skipIf(!hasTools)("docs/tutorial.md", { timeout: 600_000 }, () => {
  it("has steps, and nearly all of them say what will be seen", () => {
    expect(steps.length).toBeGreaterThan(12);
    expect(steps.filter(({ wanted }) => wanted.length === 0).length).toBeLessThan(3);
  });

  it("runs line by line, and shows what it says", async () => {
    const [server, ...others] = steps;
    const first = openShell();
    first.type(server?.lines ?? "");
    const wanted = server?.wanted ?? [];
    expect(missing(wanted, await until(first, 0, (text) => missing(wanted, text).length === 0))).toEqual([]);

    const second = openShell();
    for (const [at, step] of others.entries()) {
      const from = second.printed().length;
      const done = `step ${at} is done`;
      second.type(step.stays ? step.lines : `${step.lines}\necho "${done}"\n`);
      const isThere = (text: string) => (step.stays ? missing(step.wanted, text).length === 0 : text.includes(done));
      const seen = await until(second, from, isThere);
      expect({ lines: step.lines, missing: missing(step.wanted, seen), seen }).toMatchObject({ missing: [] });
    }
  });
});

const missing = (wanted: readonly string[], text: string): string[] => wanted.filter((line) => !text.includes(line));
