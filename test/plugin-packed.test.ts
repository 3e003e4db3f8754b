import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prunella } from "../packages/cli/src/cli-fixture.ts";

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "prunella-author-"));
const hello = join(folder, "hello");
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_/.test(name))),
  PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
};
const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd: hello, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const compiles = (file: string): string =>
  run(
    process.execPath,
    join(root, "node_modules/typescript/bin/tsc"),
    ..."--ignoreConfig --noEmit --strict --module nodenext --target es2022 --types".split(" "),
    "",
    file,
  );

/** Installed from its file alone into the folder that `plugin init` makes, as an author would. */
describe("the package for authors", () => {
  beforeAll(async () => {
    const tarball = execFileSync(
      process.execPath,
      [join(root, "scripts/pack-plugin.ts"), "--to", join(folder, "built")],
      {
        encoding: "utf8",
      },
    ).trim();
    const made = await prunella(["plugin", "init", "hello"], { cwd: folder });
    expect(made.stderr).toBe("");
    writeFileSync(join(hello, "package.json"), '{"name":"hello","private":true,"type":"module"}\n');
    run("npm", "install", "--offline", "--no-audit", "--no-fund", tarball);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("holds JavaScript, types and licences, and needs no other package", () => {
    const installed = join(hello, "node_modules/@prunella/plugin");
    const files = readdirSync(installed, { recursive: true, encoding: "utf8" }).toSorted();
    expect(files.filter((file) => /\.[a-z]+$/.test(file))).toEqual([
      "README.md",
      "dist/context.d.ts",
      "dist/index.d.ts",
      "dist/index.js",
      "dist/markdown.d.ts",
      "dist/testing.d.ts",
      "dist/testing.js",
      "package.json",
    ]);
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "LICENSE-zod"]));
    expect(readdirSync(join(hello, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["@prunella"]);
    expect(readFileSync(join(installed, "dist/index.js"), "utf8")).not.toContain("import");
  });

  it("has types with which what plugin init makes compiles strictly, and a mistake does not", () => {
    expect(compiles("src/index.ts")).toBe("");
    mkdirSync(join(hello, "wrong"));
    const source = readFileSync(join(hello, "src/index.ts"), "utf8");
    writeFileSync(join(hello, "wrong/index.ts"), source.replace("state.get(", "state.fetch("));
    expect(() => compiles("wrong/index.ts")).toThrow(
      expect.objectContaining({ stdout: expect.stringContaining("fetch") }),
    );
  });

  it("tests a plugin in its author's own tests", () => {
    writeFileSync(
      join(hello, "try.mjs"),
      `import { readFileSync } from "node:fs";
import { definePlugin } from "@prunella/plugin";
import { testPlugin } from "@prunella/plugin/testing";
const plugin = definePlugin({ commands: { async hi({ name }, { state }) {
  await state.put("last", name);
  return { said: "Hello " + (await state.get("last")) };
} } });
const hello = testPlugin({ plugin, manifest: readFileSync("prunella.plugin.json", "utf8") });
const ran = await hello.run("hi", { name: "Ada" });
const denied = await hello.run("hi", { name: "Ada" }, ["capability:state:write"]);
console.log(JSON.stringify([ran.output, ran.calls.map(({ verdict }) => verdict), denied.error.code, await hello.conformance()]));
`,
    );
    expect(JSON.parse(run(process.execPath, "try.mjs"))).toEqual([
      { said: "Hello Ada" },
      ["allowed", "allowed"],
      -32001,
      [],
    ]);
    writeFileSync(
      join(hello, "typed.mts"),
      'import { testPlugin, type TestRun, type TestedPlugin } from "@prunella/plugin/testing";\nimport plugin from "./src/index.js";\nconst hello: TestedPlugin = testPlugin({ plugin, manifest: "{}" });\nconst ran: TestRun = await hello.run("hi", { name: "Ada" });\nexport const status: "success" | "failed" = ran.status;\n',
    );
    expect(compiles("typed.mts")).toBe("");
  });
});
