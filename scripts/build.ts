/**
 * Builds what runs faster or only when built: the console and a bundle of the command. Each is built
 * when it is missing or older than its sources; `--force` builds always. Runs after `npm ci` and
 * before `npm start`, so a newcomer never has to think of it.
 */
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { build, type InlineConfig, type Plugin } from "vite";

const packages = join(import.meta.dirname, "../packages");

interface Product {
  readonly name: string;
  readonly built: string;
  readonly sources: readonly string[];
  readonly config: InlineConfig;
}

const PRODUCTS: readonly Product[] = [
  {
    name: "console",
    built: "console/dist/index.html",
    sources: [
      "console/src/**/*",
      "console/public/**/*",
      "console/index.html",
      "console/vite.config.ts",
      "contract/src/{request,operations/*}.ts",
    ],
    config: { root: join(packages, "console"), logLevel: "error" },
  },
  {
    name: "command",
    built: "cli/dist/prunella.mjs",
    sources: [
      "{contract,scrub,client,kernel,plugin,server,cli}/src/**/*.{ts,mjs}",
      "../plugins/*/src/**/*.ts",
      "contract/schemas/openapi.json",
    ],
    config: {
      root: join(packages, "cli"),
      configFile: false,
      logLevel: "error",
      build: {
        ssr: true,
        target: "node24",
        // Some modules are loaded only when needed: `up` pays for the server, `faults` does not.
        rollupOptions: {
          // Threads have modules of their own to start from.
          input: {
            prunella: "src/main.ts",
            doors: "../server/src/doors/thread/entry.ts",
            "sqlite-log": "../server/src/platform/sqlite-log-entry.ts",
            "spawn-thread": "../server/src/platform/spawn-thread-entry.ts",
            // What plugins import of ours is bundled into them.
            "plugin-author": "../plugin/src/index.ts",
          },
          external: [/^node:/, "pg", "esbuild"],
          output: { entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" },
        },
      },
      ssr: { noExternal: true },
      plugins: [insideTheSandbox()],
    },
  },
];

/** What runs inside a sandbox goes there as it is written. */
function insideTheSandbox(): Plugin {
  return {
    name: "inside-the-sandbox",
    generateBundle() {
      for (const name of ["runner", "hostile"])
        this.emitFile({
          type: "asset",
          fileName: `sandbox-${name}.mjs`,
          source: readFileSync(join(packages, `server/src/platform/sandbox/inside/${name}.mjs`)),
        });
    },
  };
}

function isStale({ built, sources }: Product): boolean {
  const target = join(packages, built);
  if (!existsSync(target)) return true;
  const builtAt = statSync(target).mtimeMs;
  return globSync([...sources], { cwd: packages }).some((path) => statSync(join(packages, path)).mtimeMs > builtAt);
}

for (const product of PRODUCTS) {
  if (!process.argv.includes("--force") && !isStale(product)) continue;
  console.error(`building the ${product.name} …`);
  await build(product.config);
}
