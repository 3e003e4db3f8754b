import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { PrunellaError } from "@prunella/contract";

export interface FoundMap {
  readonly path: string;
  /** Of the built file, below the folder that was named, with `/` between. */
  readonly builtFile: string;
}

/** A folder of more files is not what a bundler writes; it is a home folder named by mistake. */
const MAX_FILES = 100_000;

/** Every `*.map` of JavaScript in these files and folders, in order. Throws PRUNELLA_USAGE when there is none. */
export function findMaps(paths: readonly string[]): FoundMap[] {
  const found = new Map<string, FoundMap>();
  for (const path of paths) {
    for (const map of isFolder(path) ? mapsBelow(path) : [path])
      found.set(map, { path: map, builtFile: builtFile(isFolder(path) ? path : dirname(path), map) });
  }
  if (found.size === 0)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `There is no .map file in ${paths.join(", ")}.`,
      hint: "Let the bundler write source maps, such as build.sourcemap: true for Vite.",
    });
  return [...found.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** What the map is, and its debug id: its own, else the one that the built file beside it names. */
export function readMapFile({ path, builtFile: built }: FoundMap): { map: Record<string, unknown>; debugId: string } {
  let map: unknown;
  try {
    map = JSON.parse(readFileSync(path, "utf8").replace(/^\)\]\}'[^\n]*\n/, ""));
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_USAGE", { detail: `${path} is not a source map: it is not JSON.`, cause });
  }
  if (!isRecord(map) || map["version"] !== 3)
    throw new PrunellaError("PRUNELLA_USAGE", { detail: `${path} is not a source map of version 3.` });
  const own = [map["debugId"], map["debug_id"]].find((id): id is string => typeof id === "string" && id !== "");
  return { map, debugId: own ?? commentOf(join(dirname(path), basename(built))) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_USAGE", { detail: `${path} cannot be read.`, cause });
  }
}

function mapsBelow(folder: string): string[] {
  const maps: string[] = [];
  const folders = [folder];
  let seen = 0;
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      seen += 1;
      if (seen > MAX_FILES)
        throw new PrunellaError("PRUNELLA_USAGE", {
          detail: `${folder} holds more than ${MAX_FILES} files.`,
          hint: "Name the folder that the bundler writes to.",
        });
      if (entry.isDirectory() && entry.name !== "node_modules" && entry.name !== ".git")
        folders.push(join(at, entry.name));
      if (entry.isFile() && /\.[cm]?jsx?\.map$/.test(entry.name)) maps.push(join(at, entry.name));
    }
  }
  return maps;
}

const builtFile = (folder: string, map: string): string =>
  relative(folder, map)
    .replace(/\.map$/, "")
    .split(sep)
    .join("/");

/** `//# debugId=…` stands in the last lines of a built file, as bundlers write it. */
function commentOf(path: string): string {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return "";
  }
  try {
    const tail = Buffer.alloc(4096);
    const from = Math.max(0, fstatSync(file).size - tail.length);
    const end = tail.toString("utf8", 0, readSync(file, tail, 0, tail.length, from));
    return /^\/\/# debugId=([0-9a-fA-F-]{32,36})\s*$/m.exec(end)?.[1] ?? "";
  } finally {
    closeSync(file);
  }
}
