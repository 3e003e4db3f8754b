import { realpathSync } from "node:fs";

/** The file that `import "@prunella/plugin"` means in a plugin: of this version, whatever the plugin brought. */
export const authorsModule = (): string =>
  realpathSync(
    new URL(
      import.meta.url.endsWith(".ts") ? "../../../../plugin/src/index.ts" : "./plugin-author.mjs",
      import.meta.url,
    ),
  );
