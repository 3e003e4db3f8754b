import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { encodingFor, type Encoding } from "./encoding.ts";

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
/** Pages whose address ends in a name that somebody gave, such as `releases/shop/shop@4.18.2`. */
const NAMED = "releases/";

type Bytes = Uint8Array<ArrayBuffer>;

interface File {
  readonly plain: Bytes;
  /** As the build made it; null where that made nothing smaller. */
  readonly br: Bytes | null;
  /** Made when the first client asks for it that takes nothing better. */
  gzip: Bytes | null;
  readonly digest: string;
}

/**
 * Serves the files that the build made and nothing else: a name is looked up as it stands, never as a
 * path, so no spelling of one costs memory. What could be no file of the build is a page of the app.
 */
export function createStatic(folder: string = DIST): (path: string, asked?: Headers) => Response {
  let files = new Map<string, File>();
  let builtAt = 0;
  const read = (name: string): File | undefined => {
    const index = join(folder, INDEX);
    // A rebuild writes the page anew and names other files in it.
    const at = existsSync(index) ? statSync(index).mtimeMs : 0;
    if (at !== builtAt) {
      builtAt = at;
      files = at === 0 ? new Map() : readAll(folder);
    }
    return files.get(name);
  };
  return (path, asked = new Headers()) => {
    const name = decode(path).replace(/^\/+/, "");
    const file = name === "" ? undefined : read(name);
    if (file) {
      const isHashed = name.startsWith("assets/");
      return answer(file, asked, {
        "content-type": TYPES[extname(name)] ?? "application/octet-stream",
        "cache-control": isHashed ? "public, max-age=31536000, immutable" : "no-cache",
      });
    }
    if (isFile(name)) return new Response("not found", { status: 404, headers: PAGE_HEADERS });
    const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" };
    const page = read(INDEX);
    return page
      ? answer(page, asked, headers)
      : new Response(NOT_BUILT, { status: 503, headers: { ...PAGE_HEADERS, ...headers } });
  };
}

/** What no page is called: whoever asks for `etc/hosts.txt` is told that it is not here. */
const isFile = (name: string): boolean =>
  name.startsWith("assets/") || (!name.startsWith(NAMED) && name.slice(name.lastIndexOf("/") + 1).includes("."));

/** Nothing in the build is secret, so its compressed length tells nobody anything. */
function answer(file: File, asked: Headers, given: Readonly<Record<string, string>>): Response {
  const encoding = encodingFor(asked.get("accept-encoding"), file.br === null ? [] : ["br", "gzip"]);
  // A cache must not take the bytes of one encoding for those of another.
  const etag = `"${file.digest}${encoding === null ? "" : `-${encoding}`}"`;
  const headers = { ...PAGE_HEADERS, ...given, vary: "accept-encoding", etag };
  const known = (asked.get("if-none-match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (known.includes(etag)) return new Response(null, { status: 304, headers });
  return new Response(bytesOf(file, encoding), {
    headers: encoding === null ? headers : { ...headers, "content-encoding": encoding },
  });
}

function bytesOf(file: File, encoding: Encoding | null): Bytes {
  if (encoding === "br" && file.br !== null) return file.br;
  if (encoding === "gzip") return (file.gzip ??= new Uint8Array(gzipSync(file.plain)));
  return file.plain;
}

/** The whole build, about a megabyte. */
function readAll(folder: string): Map<string, File> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const all = new Map(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1).replaceAll("\\", "/"), new Uint8Array(readFileSync(path))];
    }),
  );
  return new Map(
    [...all]
      .filter(([name]) => !name.endsWith(".br"))
      .map(([name, plain]) => {
        const digest = createHash("sha256").update(plain).digest("base64url").slice(0, 22);
        return [name, { plain, br: all.get(`${name}.br`) ?? null, gzip: null, digest }];
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
