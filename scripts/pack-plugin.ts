/**
 * Makes `dist/prunella-plugin-<version>.tgz`: what authors of plugins import, as JavaScript and types. Their plugins
 * get it from the host; so it is for their editors, their checks of types and their tests, and needs no other package.
 *
 *     node scripts/pack-plugin.ts
 *     … --to <folder>                 not in dist/
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "vite";
import { isRecord, text } from "./json.ts";

const root = join(import.meta.dirname, "..");
const source = join(root, "packages/plugin");
const toAt = process.argv.indexOf("--to");
const to = resolve(toAt === -1 ? join(root, "dist") : (process.argv[toAt + 1] ?? ""));
const stage = join(to, "plugin");
const dist = join(stage, "dist");

rmSync(stage, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
await build({
  root: source,
  configFile: false,
  logLevel: "error",
  build: {
    outDir: dist,
    emptyOutDir: false,
    target: "es2022",
    minify: false,
    lib: { entry: { index: "src/index.ts", testing: "src/testing.ts" }, formats: ["es"] },
    rollupOptions: { external: [/^node:/], output: { entryFileNames: "[name].js", chunkFileNames: "[name].js" } },
  },
});
writeTypes();
copyFileSync(join(root, "LICENSE"), join(stage, "LICENSE"));
copyFileSync(join(root, "node_modules/zod/LICENSE"), join(stage, "LICENSE-zod"));
const { version, description } = manifestOf(source);
writeFileSync(
  join(stage, "README.md"),
  "# @prunella/plugin\n\nFor authors of plugins of Prunella: `definePlugin` and the types of what a command is given; `testPlugin` of `@prunella/plugin/testing` runs commands in their own tests. A plugin gets this from the server that it is installed on.\n\nLICENSE is ours, LICENSE-zod that of what is inside.\n",
);
writeFileSync(
  join(stage, "package.json"),
  `${JSON.stringify(
    {
      name: "@prunella/plugin",
      version: text(version),
      description: text(description),
      license: "Apache-2.0",
      type: "module",
      sideEffects: false,
      exports: {
        ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
        "./testing": { types: "./dist/testing.d.ts", default: "./dist/testing.js" },
        "./package.json": "./package.json",
      },
      engines: { node: ">=20" },
    },
    null,
    2,
  )}\n`,
);
const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", to], { cwd: stage, encoding: "utf8" });
console.log(join(to, packed.trim()));

function writeTypes(): void {
  execFileSync(
    process.execPath,
    [
      join(root, "node_modules/typescript/bin/tsc"),
      // The check of types is not for here: `npm run check:types` does it with the project's own settings.
      "--ignoreConfig --noCheck --declaration --emitDeclarationOnly --noEmit false --rootDir src".split(" "),
      "--target es2022 --module nodenext --types node --allowImportingTsExtensions".split(" "),
      ["--outDir", dist, "src/index.ts", "src/testing.ts"],
    ].flat(),
    { cwd: source, stdio: ["ignore", "inherit", "inherit"] },
  );
  rmSync(join(dist, "test-context.d.ts"));
  for (const file of globSync("**/*.d.ts", { cwd: dist })) {
    const path = join(dist, file);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(/(from "\.\/[a-z-]+)\.ts"/g, '$1.js"'));
  }
}

function manifestOf(folder: string): Record<string, unknown> {
  const value: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return isRecord(value) ? value : {};
}
