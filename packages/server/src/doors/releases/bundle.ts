import { PrunellaError } from "@prunella/contract";
import { isRecord, parseRecord } from "../kit/record.ts";
import { openZip, type ZipEntry } from "./zip.ts";

/** A source map of a bundle, and what it is found by. */
export interface BundleMap {
  readonly debugId: string | null;
  /** The built file, as `~/js/app.js`. */
  readonly file: string;
  /** Unpacks it; throws when it cannot be. */
  readonly text: () => string;
}

export interface Bundle {
  readonly release: string | null;
  readonly maps: readonly BundleMap[];
}

const MANIFEST_MAX = 8 * 1024 * 1024;
/** What the kernel takes as one map. */
const MAP_MAX = 33_554_432;

/**
 * The source maps of an artifact bundle: a ZIP with a `manifest.json` that says of each file what it is.
 * Built code and sources are left where they are; maps bring the sources they need.
 *
 * Source: https://github.com/getsentry/rfcs/blob/main/text/0081-sourcemap-debugid.md and symbolic's sourcebundle.
 *
 * @throws PRUNELLA_REQUEST_INVALID
 */
export function readBundle(bytes: Buffer): Bundle {
  const entries = openZip(bytes);
  const listed = entries.get("manifest.json");
  const manifest = listed === undefined ? null : parseRecord(listed.read(MANIFEST_MAX));
  if (manifest === null || !isRecord(manifest.files))
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
      detail: "The bundle has no manifest.json that names its files.",
    });
  const files = filesOf(manifest.files, entries);
  const built = files.filter(({ type }) => type === "minified_source" || type === "source");
  const maps = files.filter(({ type }) => type === "source_map");
  return {
    release: typeof manifest.release === "string" && manifest.release !== "" ? manifest.release : null,
    maps: maps.map(({ url, debugId, entry }) => ({
      debugId,
      file: builtFileOf(url, debugId, built),
      text: () => entry.read(MAP_MAX).toString("utf8"),
    })),
  };
}

interface BundleFile {
  readonly url: string;
  readonly type: unknown;
  readonly debugId: string | null;
  /** As the file refers to its map; null when it does not. */
  readonly sourceMap: string | null;
  readonly entry: ZipEntry;
}

function filesOf(list: Readonly<Record<string, unknown>>, entries: ReadonlyMap<string, ZipEntry>): BundleFile[] {
  const files: BundleFile[] = [];
  for (const path in list) {
    const file = list[path];
    const entry = entries.get(path);
    if (!isRecord(file) || entry === undefined) continue;
    const headers = new Map<string, string>();
    if (isRecord(file.headers))
      for (const name in file.headers) {
        const value = file.headers[name];
        if (typeof value === "string") headers.set(name.toLowerCase(), value);
      }
    files.push({
      url: typeof file.url === "string" ? file.url : path,
      type: file.type,
      debugId: headers.get("debug-id") ?? null,
      sourceMap: headers.get("sourcemap") ?? headers.get("x-sourcemap") ?? null,
      entry,
    });
  }
  return files;
}

/** The file that refers to the map; else the one with its debug id; else the map's own name without its end. */
function builtFileOf(url: string, debugId: string | null, built: readonly BundleFile[]): string {
  const found =
    built.find(({ url: file, sourceMap }) => sourceMap !== null && besideOf(file, sourceMap) === url) ??
    built.find((file) => debugId !== null && file.debugId === debugId);
  return found?.url ?? url.replace(/\.map$/, "");
}

/** A reference as seen from a file: `~/js/app.js` and `app.js.map` give `~/js/app.js.map`. */
function besideOf(file: string, reference: string): string {
  if (/^(?:~\/|[a-z][a-z0-9+.-]*:)/i.test(reference)) return reference;
  const root = /^(?:~|[a-z][a-z0-9+.-]*:\/\/[^/]*)/i.exec(file)?.[0] ?? "";
  const folder = file.slice(root.length, file.lastIndexOf("/") + 1);
  const parts: string[] = [];
  for (const part of (reference.startsWith("/") ? reference : folder + reference).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return `${root}/${parts.join("/")}`;
}
