import { existsSync, readFileSync } from "node:fs";
import { extname, join, normalize } from "node:path";
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

/** Serves the built console; any path that is not a file is a page of the app. */
export function createStatic(folder: string = DIST): (path: string) => Response {
  const cache = new Map<string, Uint8Array<ArrayBuffer>>();
  const read = (name: string): Uint8Array<ArrayBuffer> | null => {
    const held = cache.get(name);
    if (held) return held;
    const path = join(folder, normalize(`/${name}`));
    if (!extname(name) || !existsSync(path)) return null;
    const bytes = new Uint8Array(readFileSync(path));
    // The page itself is read anew each time: a rebuild names new assets.
    if (name !== "index.html") cache.set(name, bytes);
    return bytes;
  };
  return (path) => {
    const name = decode(path).replace(/^\/+/, "");
    const file = name === "" ? null : read(name);
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
    const page = read("index.html");
    return new Response(page ?? NOT_BUILT, {
      status: page ? 200 : 503,
      headers: { ...PAGE_HEADERS, "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" },
    });
  };
}

/** A path that is not valid percent-encoding names no file. */
function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return "";
  }
}
