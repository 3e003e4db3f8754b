import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openDouble } from "../packages/client/src/client-fixture.ts";
import {
  crashes,
  installClient,
  newUser,
  onTerminal,
  program,
  reportsOf,
  run,
  runnable,
  terminals,
  until,
} from "./client-program.ts";
import { openServer } from "./end-to-end/server-fixture.ts";
import { needs } from "./needs.ts";

const root = join(import.meta.dirname, "..");
installClient();

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
      "dist/reporter.cjs",
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
      ["throw", { error_class: "StockError", stack_signature: ["reserve", "handle", "throw"], exit_code: 1 }],
      ["text", { error_class: "UnknownError", stack_signature: [], exit_code: 1 }],
      ["reject", { error_class: "TypeError", stack_signature: ["reject"], exit_code: 1 }],
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
      expect(text).not.toMatch(/\bada\b|stock for|declined|orders\.mjs/);
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
