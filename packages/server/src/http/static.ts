import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The build of the console package, wherever it is installed. */
const DIST = fileURLToPath(new URL("./dist", import.meta.resolve("@prunella/console/package.json")));

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".json": "application/json",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
};

/** Nothing from elsewhere, nothing inline, in nobody's frame. */
const PAGE_HEADERS = {
  "content-security-policy":
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
};

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Prunella</title><p>The console has not been built yet: run <code>npm run build</code>, then load this page again.`;
const INDEX = "index.html";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Serves the files that the build made and nothing else: a name is looked up as it stands, never as a
 * path, so no spelling of one costs memory. Any name without an ending is a page of the app.
 */
export function createStatic(folder: string = DIST): (path: string) => Response {
  let files = new Map<string, Bytes>();
  let builtAt = 0;
  const read = (name: string): Bytes | undefined => {
    const index = join(folder, INDEX);
    // A rebuild writes the page anew and names other files in it.
    const at = existsSync(index) ? statSync(index).mtimeMs : 0;
    if (at !== builtAt) {
      builtAt = at;
      files = at === 0 ? new Map() : readAll(folder);
    }
    return files.get(name);
  };
  return (path) => {
    const name = decode(path).replace(/^\/+/, "");
    const file = name === "" ? undefined : read(name);
    if (file) {
      const isHashed = name.startsWith("assets/");
      return new Response(file, {
        headers: {
          ...PAGE_HEADERS,
          "content-type": TYPES[extname(name)] ?? "application/octet-stream",
          "cache-control": isHashed ? "public, max-age=31536000, immutable" : "no-cache",
        },
      });
    }
    if (extname(name)) return new Response("not found", { status: 404, headers: PAGE_HEADERS });
    const page = read(INDEX);
    return new Response(page ?? NOT_BUILT, {
      status: page ? 200 : 503,
      headers: { ...PAGE_HEADERS, "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" },
    });
  };
}

/** The whole build, about a megabyte. */
function readAll(folder: string): Map<string, Bytes> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1).replaceAll("\\", "/"), new Uint8Array(readFileSync(path))];
    }),
  );
}

/** A path that is not valid percent-encoding names no file. */
function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return "";
  }
}
