import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A platform's package of deno, by what its manifest says it is for. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  "linux-x64": ["linux-x64-glibc"],
  "linux-arm64": ["linux-arm64-glibc"],
  "darwin-x64": ["darwin-x64"],
  "darwin-arm64": ["darwin-arm64"],
  "win32-x64": ["win32-x64"],
  "win32-arm64": ["win32-arm64"],
};

/** The program itself: npm's wrapper around it costs 55 ms at each start. null where there is none for this platform. */
export function denoBinary(): string | null {
  const require = createRequire(import.meta.url);
  for (const name of NAMES[`${process.platform}-${process.arch}`] ?? []) {
    try {
      const folder = dirname(require.resolve(`@deno/${name}/package.json`));
      const path = join(folder, process.platform === "win32" ? "deno.exe" : "deno");
      if (existsSync(path)) return realpathSync(path);
    } catch {
      // Not installed: npm leaves packages of other platforms out.
    }
  }
  return null;
}

export const nodeBinary = (): string => realpathSync(process.execPath);

/** Beside this module in the sources, beside the bundle of the command where it was built. */
export const insideFile = (name: "runner" | "hostile"): string =>
  realpathSync(
    new URL(import.meta.url.endsWith(".ts") ? `./inside/${name}.mjs` : `./sandbox-${name}.mjs`, import.meta.url),
  );

export const readInside = (name: "runner" | "hostile"): Buffer => readFileSync(insideFile(name));
