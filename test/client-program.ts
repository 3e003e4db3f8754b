import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll } from "vitest";

const root = join(import.meta.dirname, "..");
const folder = realpathSync(mkdtempSync(join(tmpdir(), "prunella-packed-")));
/** A foreign program in which the packed client is installed. */
export const program = join(folder, "orders");

/** Node 20 where the machine has one, and the Node that runs the tests. */
const nodes = [...new Set(["/usr/bin/node", "/usr/local/bin/node", process.execPath])]
  .filter((path) => existsSync(path))
  .map((path) => ({ path, version: execFileSync(path, ["--version"], { encoding: "utf8" }).trim() }));
export const runnable = nodes.filter(
  ({ version }, index) =>
    Number(/^v(\d+)/.exec(version)?.[1]) >= 20 && nodes.findIndex((each) => each.version === version) === index,
);
export const terminals = ["/usr/bin/script", "/bin/script"].find((path) => existsSync(path));

/** Packed as it is published, and installed from the file alone, as a foreign program would. */
export function installClient(): void {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(async () => {
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_/.test(name)));
    const npm = (args: string[], cwd: string): string =>
      execFileSync("npm", args, {
        cwd,
        encoding: "utf8",
        env: { ...clean, PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}` },
        stdio: ["ignore", "pipe", "pipe"],
      });
    await alone(() => npm(["pack", "--pack-destination", folder], join(root, "packages/client")));
    const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
    mkdirSync(program);
    cpSync(join(root, "examples/client"), program, { recursive: true });
    writeFileSync(join(program, "package.json"), '{"name":"orders","version":"1.4.0","private":true}\n');
    npm(["install", "--offline", "--no-audit", "--no-fund", join(folder, tarball)], program);
  });
}

/** Packing builds into one folder of the project, and several test files pack. */
async function alone(work: () => void): Promise<void> {
  const lock = join(tmpdir(), `prunella-pack-${createHash("sha256").update(root).digest("hex").slice(0, 16)}`);
  await until(() => {
    try {
      mkdirSync(lock);
      return true;
    } catch {
      // Left behind by a run that was ended in the middle.
      const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
      if (since !== undefined && Date.now() - since > 60_000) rmSync(lock, { recursive: true, force: true });
      return false;
    }
  });
  try {
    work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

let users = 0;
/** A user of its own, with nothing in the environment but what is given. */
export function newUser(): Record<string, string> {
  const home = join(folder, `user-${users++}`);
  mkdirSync(home);
  return {
    PATH: "/usr/bin:/bin",
    HOME: home,
    XDG_STATE_HOME: join(home, "state"),
    XDG_CONFIG_HOME: join(home, "config"),
  };
}

export interface Run {
  readonly output: string;
  readonly code: number | null;
}

export function run(command: string, args: readonly string[], env: Record<string, string>): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: program, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ output, code }));
  });
}

export const onTerminal = (node: string, args: string, env: Record<string, string>): Promise<Run> =>
  run(terminals ?? "script", ["-qec", `${node} ${args}`, "/dev/null"], env);

export const crashes = (env: Record<string, string>, app = "orders"): string =>
  join(env["XDG_STATE_HOME"] ?? "", "prunella/programs", app, "crash");

export const reportsOf = (env: Record<string, string>, app = "orders"): string[] => {
  const at = crashes(env, app);
  return existsSync(at)
    ? readdirSync(at)
        .filter((name) => name.endsWith(".json"))
        .map((name) => readFileSync(join(at, name), "utf8"))
    : [];
};

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("it did not come");
}
