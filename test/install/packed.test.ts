import { execFile, execFileSync, spawn, type ChildProcess } from "node:child_process";
import { promisify } from "node:util";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRegistry } from "./registry-fixture.ts";

const root = join(import.meta.dirname, "../..");
/** As on a machine that knows nothing of this project: its own Node and npm. */
const env = {
  ...process.env,
  PATH: (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"))
    .join(delimiter),
};
const folder = mkdtempSync(join(tmpdir(), "prunella-installed-"));
const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd: folder, env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
/** What makes and runs plugins, with its parts for this system. */
const FOR_PLUGINS = ["esbuild", "deno"].flatMap((name) => [
  name,
  ...readdirSync(join(root, "node_modules", `@${name}`)).map((part) => `@${name}/${part}`),
]);
const prunella = join(folder, "node_modules/.bin/prunella");

let started: ChildProcess | null = null;
afterAll(() => {
  started?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

describe("the tarball", () => {
  beforeAll(async () => {
    const tarball = execFileSync(process.execPath, [join(root, "scripts/pack.ts"), "--to", join(folder, "built")], {
      encoding: "utf8",
    }).trim();
    const wanted: unknown = JSON.parse(readFileSync(join(folder, "built/stage/package.json"), "utf8"));
    const optional: unknown =
      typeof wanted === "object" && wanted !== null ? Reflect.get(wanted, "optionalDependencies") : {};
    await using registry = await openRegistry(
      Object.fromEntries(Object.entries(optional ?? {}).map(([name, version]) => [name, String(version)])),
      FOR_PLUGINS,
    );
    // No install script runs: the Node that it brings needs none.
    // Not waited for by blocking: the registry answers from this process.
    await promisify(execFile)(
      "npm",
      [
        "install",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--cache",
        join(folder, "cache"),
        "--registry",
        registry.url,
        tarball,
      ],
      { cwd: folder, env },
    );
    expect(
      registry.asked.filter(
        (path) =>
          !/^\/(?:node-[a-z0-9-]+|(?:@deno(?:\/|%2f))?[a-z0-9-]+|(?:@esbuild(?:\/|%2f))?[a-z0-9-]+)(\.tgz)?$/i.test(
            path,
          ),
      ),
    ).toEqual([]);
  }, 600_000);

  it("brings JavaScript alone, the licences of what is inside, and the Node of this system alone", () => {
    const found = run("find", "node_modules", "-type", "f").trim().split("\n");
    expect(found.filter((path) => /(?<!\.d)\.ts$|\.map$|\/\.cache\//.test(path) && !path.includes("/pg"))).toEqual([]);
    expect(found.filter((path) => /^node_modules\/node-[^/]+\/bin\//.test(path))).toHaveLength(1);
    const notices = readFileSync(join(folder, "node_modules/@prunella/cli/THIRD-PARTY.txt"), "utf8");
    for (const name of ["pg ", "hono ", "react ", "pino ", "zod "]) expect(notices).toContain(`\n${name}`);
    const words = found
      .filter((path) => path.startsWith("node_modules/@prunella/cli/dist/"))
      .map((path) => readFileSync(join(folder, path), "utf8"));
    // No path of the machine that built it.
    expect(words.filter((text) => text.includes(root))).toEqual([]);
  });

  it("starts on the machine's own Node, serves the console and takes an event in, and stops when it is asked to", async () => {
    expect(run("npx", "--no-install", "prunella", "--version").trim()).toMatch(/^\d+\.\d+\.\d+$/);
    const child = spawn(prunella, ["up", "--json", "--port", "0", "--data", "data"], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    started = child;
    const line = await new Promise<string>((resolve, reject) => {
      let text = "";
      child.stdout.on("data", (chunk: Buffer) => {
        text += chunk.toString("utf8");
        if (text.includes("\n")) resolve(text);
      });
      child.once("exit", (code) => reject(new Error(`it ended with ${code}`)));
    });
    const { url, dsn }: { url: string; dsn: string } = JSON.parse(line);
    const page = await (await fetch(url)).text();
    const [, asset = ""] = /src="(\/assets\/[^"]+\.js)"/.exec(page) ?? [];
    expect((await fetch(new URL(asset, url))).status).toBe(200);
    const { username: key, pathname } = new URL(dsn);
    const id = "00000000000000000000000000000001";
    const event = `{"event_id":"${id}"}\n{"type":"event"}\n${JSON.stringify({ event_id: id, message: "a case" })}\n`;
    const send = async () =>
      (await fetch(`${url}/api${pathname}/envelope/?sentry_key=${key}`, { method: "POST", body: event })).status;
    await expect.poll(send, { timeout: 60_000 }).toBe(200);
    await expect.poll(() => run(prunella, "faults", "--data", "data"), { timeout: 60_000 }).toContain("a case");
    // The example came along.
    expect(run(prunella, "programs", "--data", "data")).toContain("flaky-service");
    expect(run(prunella, "doctor", "--data", "data")).toContain("answers 200");

    await developed();

    const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    expect(existsSync(join(folder, "data/server.json"))).toBe(false);
    started = null;
  }, 300_000);
});

/** What a newcomer types to have a plugin of their own, beside a running server. */
async function developed(): Promise<void> {
  const typed = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(prunella, [...args, "--data", "data"], { cwd: folder, env })).stdout;
  expect(run(prunella, "plugin", "init", "hello")).toContain("holds a manifest and one function");
  const dev = spawn(prunella, ["plugin", "dev", "--trust", "--data", "../data"], {
    cwd: join(folder, "hello"),
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    let said = "";
    dev.stdout.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
    await expect.poll(() => said, { timeout: 60_000 }).toContain("It is installed anew at each save");
    expect(await typed("hello", "hi", "Ada")).toContain("Hello Ada");
    await expect.poll(() => said, { timeout: 60_000 }).toMatch(/state/);
    const path = join(folder, "hello/src/index.ts");
    writeFileSync(path, readFileSync(path, "utf8").replace("Hello", "Good day"));
    await expect.poll(() => said, { timeout: 60_000 }).toContain("saved: ");
    expect(await typed("hello", "hi", "Ada")).toContain("Good day Ada");
  } finally {
    dev.kill("SIGTERM");
  }
}
