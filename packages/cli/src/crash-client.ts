import { fileURLToPath } from "node:url";

// By path and not by name: the package is published, so its name leads to what was built of it, and the
// command runs from sources. What it needs is the person's side, which the package does not publish.
export * from "../../client/src/local.ts";

/** Where the process that sends lies: nobody who calls the command waits for a server. */
export const SENDER = {
  folder: fileURLToPath(new URL("../client/src", import.meta.resolve("@prunella/cli/package.json"))),
  extension: ".ts",
};
