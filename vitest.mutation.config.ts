import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

/**
 * The tests that are near to what `npm run mutation` changes. It changes a copy, whose `node_modules` are ours: names
 * of our own packages lead into the copy, or tests would run what nobody changed.
 */
export default defineConfig({
  resolve: { alias: ownPackages() },
  test: {
    include: [
      "packages/kernel/src/{gate,triggers,escalations,envelopes,attempts,drills}/*.test.ts",
      "test/adversarial/healer.test.ts",
    ],
    globalSetup: ["test/mutation/one-engine.ts"],
    testTimeout: 30_000,
    maxWorkers: 1,
  },
});

function ownPackages(): { find: string; replacement: string }[] {
  const folder = join(import.meta.dirname, "packages");
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, "src", "index.ts")));
  return [
    { find: "@prunella/server/platform", replacement: join(folder, "server", "src", "platform", "index.ts") },
    ...names.map((name) => ({ find: `@prunella/${name}`, replacement: join(folder, name, "src", "index.ts") })),
  ];
}
