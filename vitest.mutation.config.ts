import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** Tests of other folders that speak of what is changed. */
const NEAR: Readonly<Record<string, readonly string[]>> = {
  gate: ["packages/kernel/src/envelopes/stages.test.ts", "packages/kernel/src/triggers/standing.test.ts"],
  triggers: ["packages/kernel/src/gate/ladder.test.ts"],
  escalations: ["packages/kernel/src/envelopes/stages.test.ts"],
};
const folder = process.env["PRUNELLA_MUTATION"] ?? "gate";

/**
 * The tests that are near to the folder that `npm run mutation` changes. It changes a copy, whose `node_modules` are
 * ours: the kernel's name leads into the copy, or tests would run what nobody changed.
 */
export default defineConfig({
  resolve: {
    alias: [
      { find: /^@prunella\/kernel$/, replacement: join(import.meta.dirname, "packages", "kernel", "src", "index.ts") },
    ],
  },
  test: {
    include: process.env["PRUNELLA_MUTATION_TESTS"]?.split(",") ?? [
      `packages/kernel/src/${folder}/*.test.ts`,
      ...(NEAR[folder] ?? []),
      "test/adversarial/healer.test.ts",
    ],
    globalSetup: ["test/mutation/one-engine.ts"],
    testTimeout: 15_000,
    maxWorkers: 1,
    // What a mutant changes is chosen while it runs, so nothing has to be loaded anew for it.
    isolate: false,
  },
});
