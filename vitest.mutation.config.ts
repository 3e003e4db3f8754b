import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const place = process.env["PRUNELLA_MUTATION"];
const code = new Map<string, string>(
  place === undefined ? [] : Object.entries(JSON.parse(readFileSync(join(place, "code.json"), "utf8"))),
);

/**
 * The kernel with mutants in it, as `npm run mutation` writes them. Its name leads to its source, or tests would run
 * what nobody changed.
 */
export default defineConfig({
  plugins: [{ name: "mutants", enforce: "pre", load: (id) => code.get(id) ?? null }],
  resolve: {
    alias: [
      { find: /^@prunella\/kernel$/, replacement: join(import.meta.dirname, "packages", "kernel", "src", "index.ts") },
    ],
  },
  test: {
    include: ["packages/kernel/src/**/*.test.ts", "test/adversarial/*.test.ts"],
    runner: "test/mutation/each-mutant.ts",
    globalSetup: ["test/mutation/one-engine.ts"],
    // A test is done once for each mutant.
    testTimeout: 15_000,
    maxWorkers: 1,
    // What is kept of a module would be that of the mutants before.
    fsModuleCache: false,
    isolate: false,
    // Mutants complain a lot.
    silent: true,
  },
});
