/**
 * Builds the console when it is missing or older than its sources; `--force` builds always. Runs
 * after `npm ci` and before `npm start`, so a newcomer never has to think of it.
 */
import { existsSync, globSync, statSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";

const root = join(import.meta.dirname, "../packages/console");
const built = join(root, "dist/index.html");
const sources = ["src/**/*", "index.html", "vite.config.ts", "../contract/src/api.ts", "public/**/*"];

function isStale(): boolean {
  if (!existsSync(built)) return true;
  const builtAt = statSync(built).mtimeMs;
  return globSync(sources, { cwd: root }).some((path) => statSync(join(root, path)).mtimeMs > builtAt);
}

if (process.argv.includes("--force") || isStale()) {
  console.error("building the console …");
  await build({ root, logLevel: "error" });
}
