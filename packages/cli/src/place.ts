import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A checkout has the packages beside each other; what is published has everything in one folder. */
const root = dirname(fileURLToPath(import.meta.resolve("@prunella/cli/package.json")));
const isPublished = existsSync(join(root, "client"));

/** The visible file that opts the example in to being restarted. */
export const DEMO_CONFIG = join(root, isPublished ? "examples" : "../../examples", "flaky-service/prunella.yaml");

/** Where the process that sends lies: nobody who calls the command waits for a server. */
export const SENDER = isPublished
  ? { folder: join(root, "client"), extension: ".cjs" }
  : { folder: join(root, "../client/src"), extension: ".ts" };
