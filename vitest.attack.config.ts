import { defineConfig } from "vitest/config";

/** The attacks that take minutes: `npm run attack`. */
export default defineConfig({
  test: {
    include: ["test/adversarial/**/*.attack.ts", "test/adversarial/two-planes.test.ts"],
    env: { PRUNELLA_ATTACK: "1" },
    globalSetup: ["test/postgres.ts"],
    testTimeout: 180_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
