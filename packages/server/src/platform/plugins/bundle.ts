import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import { PrunellaError } from "@prunella/contract";
import type { Message, Plugin } from "esbuild";
import type { TreeFile } from "./tree.ts";

/** One file that holds a plugin and all that it imports. */
export interface Bundle {
  readonly bytes: Buffer;
  readonly bundler: string;
}

const MOST_BUNDLE = 16 * 1_048_576;
/** What authors import of ours: it comes with the host, not with the plugin. */
const OURS = "@prunella/plugin";

let underWay = 0;

/**
 * Bundles exactly the files that were digested, out of a copy that nobody else knows of. Every file that the bundler
 * opens must lie in it: an import that climbs out would put a file of the machine into the plugin.
 */
export async function bundle(given: {
  readonly files: readonly TreeFile[];
  readonly entry: string;
  readonly banner: string;
  readonly ours: string | null;
}): Promise<Bundle> {
  const { build, stop, version } = await import("esbuild").catch((cause: unknown) => {
    throw new PrunellaError("PRUNELLA_PLUGIN_SOURCE", {
      detail: "esbuild is not installed here, which puts a plugin and what it imports into one file.",
      hint: "Install Prunella with its optional dependencies.",
      cause,
    });
  });
  const root = realpathSync(mkdtempSync(join(tmpdir(), "prunella-bundle-")));
  underWay += 1;
  try {
    for (const { path, bytes } of given.files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), bytes, { flag: "wx", mode: 0o600 });
    }
    const result = await build({
      absWorkingDir: root,
      entryPoints: [given.entry],
      bundle: true,
      write: false,
      outfile: "bundle.js",
      format: "esm",
      platform: "neutral",
      target: "es2024",
      mainFields: ["module", "main"],
      conditions: ["deno", "worker", "import", "module", "default"],
      banner: { js: given.banner },
      charset: "utf8",
      legalComments: "none",
      logLevel: "silent",
      sourcemap: false,
      // Without it a tsconfig.json decides, which may name files anywhere.
      tsconfigRaw: {},
      loader: { ".json": "json" },
      plugins: [jail(root, given.ours)],
    });
    const [file] = result.outputFiles;
    if (!file || result.outputFiles.length !== 1) throw new Error("the bundler made other than one file");
    if (file.contents.length > MOST_BUNDLE)
      throw new PrunellaError("PRUNELLA_PLUGIN_INVALID", {
        detail: `${given.entry}: expected a bundle of at most ${MOST_BUNDLE / 1_048_576} MiB; it is ${Math.ceil(file.contents.length / 1_048_576)} MiB.`,
      });
    return { bytes: Buffer.from(file.contents), bundler: `esbuild ${version}` };
  } catch (error) {
    if (error instanceof PrunellaError) throw error;
    throw new PrunellaError("PRUNELLA_PLUGIN_INVALID", { detail: told(error, given.entry, root), cause: error });
  } finally {
    underWay -= 1;
    // Its process would stay for ever, and once it died nothing would be bundled again before our own end.
    if (underWay === 0) await stop();
    rmSync(root, { recursive: true, force: true });
  }
}

function jail(root: string, ours: string | null): Plugin {
  const isInside = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}${sep}`);
  return {
    name: "jail",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, ({ path, importer }) => {
        if (isBuiltin(path)) return { path: path.startsWith("node:") ? path : `node:${path}`, external: true };
        if (path === OURS && ours !== null) return { path: ours };
        if (/^(?:https?|data|jsr|npm|file):/.test(path))
          return {
            errors: [{ text: `${path.slice(0, 100)} is no file of the plugin: put what you import into its folder` }],
          };
        // What stands in a file of ours is resolved from there, as usual.
        void importer;
        return undefined;
      });
      onLoad({ filter: /.*/ }, ({ path }) => {
        const real = realpathSync(path);
        const isOurs = ours !== null && isInside(real, dirname(realpathSync(ours)));
        if (isInside(real, root) || isOurs) return undefined;
        return { errors: [{ text: "an import leaves the plugin's folder" }] };
      });
    },
  };
}

/** The bundler's first word, with its place; a path of this machine is not repeated. */
function told(error: unknown, entry: string, root: string): string {
  const errors: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "errors") : null;
  const [first]: Message[] = Array.isArray(errors) ? errors : [];
  if (!first) return `${entry}: the bundler did not run: ${error instanceof Error ? error.message : "no reason"}.`;
  const place = first.location ? `${first.location.file}:${first.location.line}:${first.location.column}` : entry;
  const line = `${place}: ${first.text}`.replaceAll(root, "").replaceAll(/[^ -~]/g, "?");
  return `${line.slice(0, 400)}.`;
}
