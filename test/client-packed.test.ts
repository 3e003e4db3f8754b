import { execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDouble } from "../packages/client/src/client-fixture.ts";
import { openServer } from "./end-to-end/server-fixture.ts";
import { needs } from "./needs.ts";

const root = join(import.meta.dirname, "..");
const folder = realpathSync(mkdtempSync(join(tmpdir(), "prunella-packed-")));
const program = join(folder, "orders");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Node 20 where the machine has one, and the Node that runs the tests. */
const nodes = [...new Set(["/usr/bin/node", "/usr/local/bin/node", process.execPath])]
  .filter((path) => existsSync(path))
  .map((path) => ({ path, version: execFileSync(path, ["--version"], { encoding: "utf8" }).trim() }));
const runnable = nodes.filter(
  ({ version }, index) =>
    Number(/^v(\d+)/.exec(version)?.[1]) >= 20 && nodes.findIndex((each) => each.version === version) === index,
);
const terminals = ["/usr/bin/script", "/bin/script"].find((path) => existsSync(path));

/** Packed as it is published, and installed from the file alone, as a foreign program would. */
beforeAll(() => {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_/.test(name)));
  const npm = (args: string[], cwd: string): string =>
    execFileSync("npm", args, {
      cwd,
      encoding: "utf8",
      env: { ...clean, PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}` },
      stdio: ["ignore", "pipe", "pipe"],
    });
  npm(["pack", "--pack-destination", folder], join(root, "packages/client"));
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
  mkdirSync(program);
  cpSync(join(root, "examples/client"), program, { recursive: true });
  writeFileSync(join(program, "package.json"), '{"name":"orders","version":"1.4.0","private":true}\n');
  npm(["install", "--offline", "--no-audit", "--no-fund", join(folder, tarball)], program);
});

let users = 0;
/** A user of its own, with nothing in the environment but what is given. */
function newUser(): Record<string, string> {
  const home = join(folder, `user-${users++}`);
  mkdirSync(home);
  return {
    PATH: "/usr/bin:/bin",
    HOME: home,
    XDG_STATE_HOME: join(home, "state"),
    XDG_CONFIG_HOME: join(home, "config"),
  };
}

interface Run {
  readonly output: string;
  readonly code: number | null;
}

function run(command: string, args: readonly string[], env: Record<string, string>): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: program, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ output, code }));
  });
}

const onTerminal = (node: string, args: string, env: Record<string, string>): Promise<Run> =>
  run(terminals ?? "script", ["-qec", `${node} ${args}`, "/dev/null"], env);

const crashes = (env: Record<string, string>, app = "orders"): string =>
  join(env["XDG_STATE_HOME"] ?? "", "prunella/programs", app, "crash");
const reportsOf = (env: Record<string, string>, app = "orders"): string[] => {
  const at = crashes(env, app);
  return existsSync(at)
    ? readdirSync(at)
        .filter((name) => name.endsWith(".json"))
        .map((name) => readFileSync(join(at, name), "utf8"))
    : [];
};

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("it did not come");
}

describe("the package", () => {
  it("holds built files, its licence and PRIVACY, and needs no other package", () => {
    const installed = join(program, "node_modules/@prunella/client");
    const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
    for (const file of [
      "dist/index.js",
      "dist/index.cjs",
      "dist/index.d.ts",
      "dist/index.d.cts",
      "dist/engine.cjs",
      "dist/sender.cjs",
      "dist/PRIVACY.md",
      "dist/LICENSE",
    ])
      expect(files).toContain(file);
    expect(files.filter((file) => /(?<!\.d)\.ts$/.test(file))).toEqual([]);
    const manifest: unknown = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
    expect(manifest).not.toHaveProperty("dependencies");
    expect(readdirSync(join(program, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["@prunella"]);
  });

  it("has types that a strict foreign program compiles with", () => {
    writeFileSync(
      join(program, "typed.mts"),
      'import { install, type Client, type Options } from "@prunella/client";\nconst options: Options = { app: "typed" };\nconst client: Client = install(options);\nclient.retried("x");\n',
    );
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    execFileSync(
      process.execPath,
      [
        tsc,
        "--ignoreConfig",
        "--noEmit",
        "--strict",
        "--module",
        "nodenext",
        "--target",
        "es2022",
        "--types",
        "",
        "typed.mts",
      ],
      { cwd: program, encoding: "utf8" },
    );
  });
});

describe.each(runnable)("on Node $version", ({ path: node }) => {
  const KINDS = ["healthy", "throw", "text", "reject", "exit", "code", "survive", "hostile"];

  it.each(KINDS)("leaves output and exit code as they are without it: %s", async (kind) => {
    const env = newUser();
    const without = await run(node, ["orders.mjs", kind], { ...env, ORDERS_WITHOUT_CLIENT: "1" });
    expect(await run(node, ["orders.mjs", kind], env)).toEqual(without);
    // No terminal means off, and off writes nothing.
    expect(existsSync(env["XDG_STATE_HOME"] ?? "")).toBe(false);
  });

  it("loads nothing but its small part while all is well", async () => {
    writeFileSync(
      join(program, "loaded.mjs"),
      'import { createRequire } from "node:module";\nimport { install } from "@prunella/client";\nconst before = process.getActiveResourcesInfo();\ninstall({ app: "orders" });\nconst after = process.getActiveResourcesInfo();\nconsole.log(JSON.stringify([Object.keys(createRequire(import.meta.url).cache), before.length === after.length]));\n',
    );
    const { output } = await run(node, ["loaded.mjs"], newUser());
    expect(JSON.parse(output)).toEqual([[], true]);
  });

  describe.skipIf(!needs("script (util-linux)", terminals !== undefined))("on a terminal", () => {
    it.each(KINDS)("leaves output and exit code as they are where nothing is to be shown: %s", async (kind) => {
      const env = newUser();
      const without = await onTerminal(node, `orders.mjs ${kind}`, { ...env, ORDERS_WITHOUT_CLIENT: "1" });
      expect(await onTerminal(node, `orders.mjs ${kind}`, env)).toEqual(without);
    });

    it.each([
      ["throw", { error_class: "StockError", stack_signature: ["reserve", "handle", "throw"], exit_code: null }],
      ["text", { error_class: "UnknownError", stack_signature: [], exit_code: null }],
      ["reject", { error_class: "TypeError", stack_signature: ["reject"], exit_code: null }],
      ["exit", { error_class: "ExitCode:3", stack_signature: ["leave", "exit"], exit_code: 3 }],
      ["code", { error_class: "ExitCode:4", stack_signature: [], exit_code: 4 }],
      ["retry 5", { error_class: "Friction:retry_loop", friction_kind: "retry_loop" }],
    ])("captures %s", async (kind, expected) => {
      const env = newUser();
      await onTerminal(node, `orders.mjs ${kind}`, env);
      const [text = "{}", ...others] = reportsOf(env);
      expect(others).toEqual([]);
      const report: { stack_signature: string[] } = JSON.parse(text);
      const signature = report.stack_signature.map((name) => name.replace(/^Object\./, ""));
      expect({ ...report, stack_signature: signature }).toMatchObject(expected);
      expect(text).not.toMatch(/ada|stock for|declined|orders\.mjs/);
    });

    it.each(["healthy", "retry 4"])("captures nothing of: %s", async (kind) => {
      const env = newUser();
      await onTerminal(node, `orders.mjs ${kind}`, env);
      expect(existsSync(env["XDG_STATE_HOME"] ?? "")).toBe(false);
    });

    it("captures both of two different errors that the program survives", async () => {
      const env = newUser();
      expect((await onTerminal(node, "orders.mjs survive", env)).code).toBe(0);
      expect(reportsOf(env)).toHaveLength(2);
    });

    it("works for the older kind of module", async () => {
      const env = newUser();
      await onTerminal(node, "orders.cjs", env);
      expect(reportsOf(env, "orders-old").map((text) => JSON.parse(text))).toMatchObject([
        { error_class: "RangeError", app_version: "2.0.0" },
      ]);
    });

    it("shows what is sent once, sends from the next run on, and sends the bytes of the files", async () => {
      await using double = await openDouble();
      const env = { ...newUser(), ORDERS_CRASH_SERVER: double.url };
      const first = await onTerminal(node, "orders.mjs throw", env);
      expect(first.output).toContain("All that is sent:");
      expect(first.output).toContain(double.url);
      expect(double.connections()).toBe(0);
      const second = await onTerminal(node, "orders.mjs exit", env);
      expect(second.output).not.toContain("All that is sent:");
      await until(() => double.bodies.length === 2);
      expect(new Set(double.bodies)).toEqual(new Set(reportsOf(env)));
    });

    it.each([{ DO_NOT_TRACK: "1" }, { PRUNELLA_TELEMETRY: "off" }, { CI: "true" }, { PRUNELLA_AIR_GAP: "1" }])(
      "opens no connection and writes nothing with %o",
      async (off) => {
        await using double = await openDouble();
        const env = { ...newUser(), ORDERS_CRASH_SERVER: double.url };
        await onTerminal(node, "orders.mjs throw", env);
        const before = reportsOf(env).length;
        await onTerminal(node, "orders.mjs throw", { ...env, ...off });
        await onTerminal(node, "orders.mjs flush", { ...env, ...off });
        expect(reportsOf(env)).toHaveLength(before);
        // The control: without the word, the same program sends. Whatever had been on its way would have come first.
        expect(double.connections()).toBe(0);
        await onTerminal(node, "orders.mjs exit", env);
        await until(() => double.bodies.length === 2);
      },
    );

    it("ends while the server has not answered, and comes back from flush", async () => {
      await using double = await openDouble(() => "hang");
      const env = { ...newUser(), ORDERS_CRASH_SERVER: double.url };
      await onTerminal(node, "orders.mjs throw", env);
      expect((await onTerminal(node, "orders.mjs flush", env)).output).toContain("flushed");
      expect((await onTerminal(node, "orders.mjs exit", env)).code).toBe(3);
      expect(readdirSync(crashes(env)).filter((name) => name.endsWith(".sent"))).toEqual([]);
    });

    it("goes on where its folders cannot be written", async () => {
      const env = newUser();
      writeFileSync(env["XDG_STATE_HOME"] ?? "", "a file where the folder should be");
      const without = await onTerminal(node, "orders.mjs throw", { ...env, ORDERS_WITHOUT_CLIENT: "1" });
      expect(await onTerminal(node, "orders.mjs throw", env)).toEqual(without);
    });
  });
});

describe.skipIf(!needs("script (util-linux)", terminals !== undefined))("with a real server", () => {
  it("becomes a fault there, under the fingerprint that the report has here", async () => {
    await using fixture = await openServer();
    const env = { ...newUser(), ORDERS_CRASH_SERVER: fixture.server.url };
    await onTerminal(process.execPath, "orders.mjs throw", env);
    await onTerminal(process.execPath, "orders.mjs throw", env);
    const listed = async () =>
      (await fixture.server.kernel.faults.list({ status: "all", limit: 50, project: "anonymous" })).faults;
    await until(async () => {
      await fixture.server.kernel.settle();
      return (await listed()).some(({ count }) => count === 2);
    });
    expect(await listed()).toHaveLength(1);
    expect((await listed())[0]?.title).toContain("StockError");
  });
});
