/**
 * Builds what is published: plain JavaScript for Node 20 and newer. The client becomes a small part that
 * is loaded at start-up and a large one, with the scrubber inside, that is loaded at the first crash;
 * so it needs no other package. Runs before `npm pack`.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";

const root = join(import.meta.dirname, "..");
const client = join(root, "packages/client");
/** Elsewhere for whoever packs it into something else meanwhile. */
const dist = process.argv[2] ?? join(client, "dist");

rmSync(dist, { recursive: true, force: true });

// Small and loaded at start-up, as a module of either kind.
await bundle({ index: "src/index.ts" }, "es", "[name].js");
await bundle({ index: "src/index.ts" }, "cjs", "[name].cjs");
// Loaded by `require`, because a process that is about to end waits for no promise.
await bundle({ engine: "src/engine.ts", reporter: "src/reporter.ts", sender: "src/sender.ts" }, "cjs", "[name].cjs");
writeTypes();
copyFileSync(join(root, "LICENSE"), join(dist, "LICENSE"));
copyFileSync(join(root, "docs/PRIVACY.md"), join(dist, "PRIVACY.md"));

async function bundle(entry: Readonly<Record<string, string>>, format: "es" | "cjs", name: string): Promise<void> {
  await build({
    root: client,
    configFile: false,
    logLevel: "error",
    define: format === "cjs" ? { "import.meta.url": "__filename" } : {},
    build: {
      outDir: dist,
      emptyOutDir: false,
      target: "es2022",
      // Whoever wants to know what runs on their machine can read it.
      minify: false,
      lib: { entry: { ...entry }, formats: [format] },
      rollupOptions: { external: [/^node:/], output: { entryFileNames: name, chunkFileNames: "shared-[hash].cjs" } },
    },
  });
}

function writeTypes(): void {
  execFileSync(
    process.execPath,
    [
      join(root, "node_modules/typescript/bin/tsc"),
      // The check of types is not for here: `npm run check:types` does it with the project's own settings.
      "--ignoreConfig --noCheck --declaration --emitDeclarationOnly --noEmit false --rootDir src --outDir dist".split(
        " ",
      ),
      "--target es2022 --module nodenext --types node --allowImportingTsExtensions src/index.ts".split(" "),
    ].flat(),
    { cwd: client, stdio: ["ignore", "inherit", "inherit"] },
  );
  const needed = new Set(["index.d.ts", "install.d.ts", "program.d.ts"]);
  for (const file of globSync("**/*.d.ts", { cwd: dist })) {
    const path = join(dist, file);
    const text = readFileSync(path, "utf8");
    rmSync(path);
    if (!needed.has(file)) continue;
    writeFileSync(path, text.replaceAll(/(from "\.\/[a-z-]+)\.ts"/g, '$1.js"'));
    writeFileSync(path.replace(/\.ts$/, ".cts"), text.replaceAll(/(from "\.\/[a-z-]+)\.ts"/g, '$1.cjs"'));
  }
}
