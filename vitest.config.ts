import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** Their tests leave nothing behind in a process, so one process takes file after file: half the processor time. */
const TOGETHER = ["packages/{contract,kernel,scrub,server}/{src,test}/**/*.test.ts"];

export default defineConfig({
  test: {
    globalSetup: ["test/postgres.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is awaited comes when it comes; on a busy machine a second, which is the default, is nothing.
    expect: { poll: { timeout: 20_000 } },
    maxWorkers: 4,
    // Threads and processes that tests start read the sources: the second one finds them compiled.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules/.cache/compiled") },
    projects: [
      { extends: true, test: { name: "together", include: TOGETHER, isolate: false } },
      {
        extends: true,
        test: {
          name: "apart",
          include: [
            "packages/*/{src,test}/**/*.test.ts",
            "plugins/*/src/**/*.test.ts",
            "test/**/*.test.ts",
            "examples/**/*.test.ts",
            "bench/**/*.test.ts",
          ],
          exclude: ["**/node_modules/**", ...TOGETHER],
        },
      },
    ],
  },
});
