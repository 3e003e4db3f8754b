import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withVariable } from "@prunella/server/platform";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { needs } from "../../../../test/needs.ts";
import { BIN } from "../cli-fixture.ts";
import { readServerFile } from "../address.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-npm-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const checkout = fileURLToPath(new URL("../../../../", import.meta.url));
const hasNpm = needs("npm", spawnSync("npm", ["--version"]).status === 0);

const starts: string[] = [];
/** What carries the name of a start: npm, its shell, the server and the programs of that. */
const runningOf = (data: string) => withVariable("NPM_START", data);
afterEach(async () => {
  for (const data of starts.splice(0)) for (const { row } of await runningOf(data)) process.kill(row.pid, "SIGKILL");
});

async function until<T>(look: () => Promise<T | null>, what: string): Promise<T> {
  for (let tries = 0; tries < 400; tries += 1) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within 20 s: ${what}`);
}

/** Somebody's package whose script is nothing but the command: npm then has a shell between it and us. */
function packageWithScript(script: string): string {
  const folder = join(root, script);
  mkdirSync(folder, { recursive: true });
  const scripts = { start: `${JSON.stringify(process.execPath)} ${JSON.stringify(BIN)} ${script}` };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "shop", version: "1.0.0", scripts }));
  return folder;
}

const config = join(root, "prunella.yaml");
writeFileSync(
  config,
  JSON.stringify({ supervise: [{ name: "shop", command: ["sh", "-c", "sleep 298 & sleep 297"] }] }),
);

/** As a service manager starts it: a process group of its own, no terminal. Resolves when the program runs. */
async function npmStart(folder: string) {
  const data = join(root, `data-${starts.length}-${Math.trunc(process.uptime() * 1000)}`);
  starts.push(data);
  const npm = spawn("npm", ["start", "--ignore-scripts", "--", "--data", data, "--port", "0", "--config", config], {
    cwd: folder,
    detached: true,
    stdio: "ignore",
    env: { ...process.env, NPM_START: data },
  });
  const gone = new Promise((resolve) => npm.once("exit", resolve));
  const isUp = async () => (await runningOf(data)).filter(({ row }) => row.name === "sleep").length === 2;
  await until(async () => ((await isUp()) ? true : null), "a program");
  return { data, pid: npm.pid ?? -1, gone };
}

const WITHOUT_EXEC = packageWithScript("up");

describe.skipIf(!hasNpm || !existsSync("/proc/self/environ"))("npm start", { timeout: 60_000 }, () => {
  test.each([
    ["of this checkout", checkout, "SIGTERM"],
    ["of this checkout", checkout, "SIGINT"],
    ["of this checkout", checkout, "SIGKILL"],
    // INT is not among these: neither npm nor the shell between ends of it, so nobody is gone.
    ["of a script that does not exec", WITHOUT_EXEC, "SIGTERM"],
    ["of a script that does not exec", WITHOUT_EXEC, "SIGKILL"],
  ] as const)("%s leaves nothing running (%s, %s)", async (_, folder, signal) => {
    const { data, pid, gone } = await npmStart(folder);
    process.kill(pid, signal);
    await gone;
    await until(async () => ((await runningOf(data)).length === 0 ? true : null), "an end of all");
    expect(readServerFile(data)).toBeNull();
  });
});
