import type { Event, SourceMapRow } from "@prunella/contract";
import { debugIdOf, mapLabel } from "./store.ts";

/** Distinct names of files in one event; more are made up. */
const MAX_FILES = 64;

/** The maps of one project, by what frames can name. */
export interface MapIndex {
  readonly byDebugId: ReadonlyMap<string, SourceMapRow>;
  readonly byRelease: ReadonlyMap<string, readonly SourceMapRow[]>;
}

export function indexMaps(rows: readonly SourceMapRow[]): MapIndex {
  const byDebugId = new Map<string, SourceMapRow>();
  const byRelease = new Map<string, SourceMapRow[]>();
  for (const row of rows) {
    if (row.debug_id !== null) byDebugId.set(row.debug_id, row);
    if (row.release === null || row.file === null) continue;
    const there = byRelease.get(row.release);
    if (there === undefined) byRelease.set(row.release, [row]);
    else there.push(row);
  }
  return { byDebugId, byRelease };
}

/** Says which map belongs to a built file, for the frames of one event; answers are remembered. */
export function createMapFinder(index: MapIndex, event: Event): (filename: string) => SourceMapRow | null {
  const ofRelease = event.release === null ? [] : (index.byRelease.get(mapLabel(event.release)) ?? []);
  const images = index.byDebugId.size === 0 ? [] : readImages(event.context["debug_images"]);
  const found = new Map<string, SourceMapRow | null>();
  return (filename) => {
    const known = found.get(filename);
    if (known !== undefined) return known;
    if (found.size >= MAX_FILES) return null;
    const map = byImage(index, images, filename) ?? byFile(ofRelease, filename);
    found.set(filename, map);
    return map;
  };
}

interface Image {
  readonly file: string;
  readonly debugId: string;
}

function readImages(value: unknown): readonly Image[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((image: unknown) => {
    if (typeof image !== "object" || image === null) return [];
    const file: unknown = Reflect.get(image, "code_file");
    const id: unknown = Reflect.get(image, "debug_id");
    const debugId = typeof id === "string" ? debugIdOf(id) : null;
    return typeof file === "string" && debugId !== null ? [{ file, debugId }] : [];
  });
}

function byImage(index: MapIndex, images: readonly Image[], filename: string): SourceMapRow | null {
  const path = pathOf(filename);
  const image =
    images.find(({ file }) => file === filename) ??
    images.find(({ file }) => pathOf(file) === path) ??
    images.find(({ file }) => endsWithPath(pathOf(file), path));
  return image === undefined ? null : (index.byDebugId.get(image.debugId) ?? null);
}

/** The same path; else the longest path that the frame's ends with; else the only file of this name. */
function byFile(rows: readonly SourceMapRow[], filename: string): SourceMapRow | null {
  if (rows.length === 0) return null;
  const path = mapLabel(pathOf(filename));
  let best: SourceMapRow | null = null;
  for (const row of rows) {
    const file = pathOf(row.file ?? "");
    if (file === path) return row;
    if (endsWithPath(path, file) && file.length > pathOf(best?.file ?? "").length) best = row;
  }
  if (best !== null) return best;
  const name = baseName(path);
  const alike = rows.filter((row) => baseName(row.file ?? "") === name);
  return alike.length === 1 ? (alike[0] ?? null) : null;
}

/** `https://shop.example.org/js/app.js?v=2`, `~/js/app.js` and `app:///js/app.js` are all `/js/app.js`. */
function pathOf(file: string): string {
  return file.replace(/^(?:[a-z][a-z0-9+.-]{0,20}:\/\/[^/]{0,255}|~)(?=\/)/i, "").replace(/[?#].*$/s, "");
}

const endsWithPath = (path: string, end: string): boolean => {
  const tail = end.replace(/^\/+/, "");
  return tail !== "" && (path === tail || path.endsWith(`/${tail}`));
};

const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
