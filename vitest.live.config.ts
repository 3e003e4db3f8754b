import { defineConfig } from "vitest/config";

/** Against the real GitHub, with a person's token: `npm run test:live`. */
export default defineConfig({
  test: { include: ["test/live/**/*.live.ts"], testTimeout: 60_000, maxWorkers: 1 },
});
