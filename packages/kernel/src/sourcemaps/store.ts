import { PrunellaError, type SourceMapRow } from "@prunella/contract";
import { scrubLabel } from "@prunella/scrub";
import { nextGeneration } from "../store/generation.ts";
import type { Engine, Tx } from "../store/engine.ts";
import type { CheckedMap } from "./check-map.ts";
import { MAX_MAP_BYTES } from "./check-map.ts";

/** More is a build that nobody cleans up after; the oldest release goes first, by a person's hand. */
const MAX_MAPS = 500;

/** Without the maps themselves, the newest first. */
export async function listMaps(db: Engine["reader"], projectId?: string): Promise<SourceMapRow[]> {
  let query = db
    .selectFrom("source_map")
    .select(["project_id", "map_id", "debug_id", "release", "file", "bytes", "created_at"]);
  if (projectId !== undefined) query = query.where("project_id", "=", projectId);
  const rows = await query.orderBy("created_at", "desc").orderBy("map_id", "desc").execute();
  return rows.map((row) => ({
    id: row.map_id,
    project_id: row.project_id,
    debug_id: row.debug_id === "" ? null : row.debug_id,
    release: row.release === "" ? null : row.release,
    file: row.file === "" ? null : row.file,
    bytes: Number(row.bytes),
    created_at: Number(row.created_at),
  }));
}

export interface NewMap {
  readonly id: string;
  readonly now: number;
  readonly projectId: string;
  readonly debugId: string | null;
  readonly release: string | null;
  readonly file: string | null;
  readonly checked: CheckedMap;
}

/** Stores a map in place of the one with the same debug id, or the same release and file. */
export async function addMap(tx: Tx, given: NewMap): Promise<SourceMapRow> {
  const { projectId } = given;
  await nextGeneration(tx, "source_maps");
  const debugId = debugIdOf(given.debugId ?? given.checked.debugId ?? "");
  const file = mapLabel(given.file ?? given.checked.file ?? "");
  const release = mapLabel(given.release ?? "");
  if (debugId === null && (release === "" || file === ""))
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
      detail: "A source map is found by its debug id, or by release and file: it has neither.",
      hint: "Name the release, or let the bundler write debug ids.",
    });
  const text = JSON.stringify(given.checked.map);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_MAP_BYTES)
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
      detail: `A source map has at most ${MAX_MAP_BYTES} bytes, this one ${bytes}.`,
    });
  const project = await tx.db
    .selectFrom("project")
    .select("project_id")
    .where("project_id", "=", projectId)
    .executeTakeFirst();
  if (!project) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: `There is no project ${projectId}.` });
  const same = tx.db.deleteFrom("source_map").where("project_id", "=", projectId);
  const replaced = await (
    debugId === null
      ? same.where("debug_id", "=", "").where("release", "=", release).where("file", "=", file)
      : same.where("debug_id", "=", debugId)
  )
    .returning("map_id")
    .execute();
  for (const { map_id } of replaced) await forgetUse(tx, projectId, map_id);
  const standing = await listMaps(tx.db, projectId);
  if (standing.length >= MAX_MAPS)
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail: `A project has at most ${MAX_MAPS} source maps; the oldest is of release ${standing.at(-1)?.release ?? "(none)"}.`,
      hint: "Remove those of an old release: `prunella sourcemaps list` names them, `prunella sourcemaps remove --help` says how.",
    });
  const row = {
    project_id: projectId,
    map_id: given.id,
    debug_id: debugId ?? "",
    release,
    file,
    bytes,
    created_at: given.now,
  };
  await tx.db
    .insertInto("source_map")
    .values({ ...row, map: text })
    .execute();
  await tx.db
    .insertInto("source_map_use")
    .values({ project_id: projectId, map_id: given.id, used_at: given.now })
    .execute();
  return {
    id: row.map_id,
    project_id: projectId,
    debug_id: debugId,
    release: release === "" ? null : release,
    file: file === "" ? null : file,
    bytes,
    created_at: given.now,
  };
}

export async function removeMap(tx: Tx, mapId: string): Promise<void> {
  await nextGeneration(tx, "source_maps");
  const gone = await tx.db
    .deleteFrom("source_map")
    .where("map_id", "=", mapId)
    .returning("project_id")
    .executeTakeFirst();
  if (!gone) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such source map." });
  await forgetUse(tx, gone.project_id, mapId);
}

async function forgetUse(tx: Tx, projectId: string, mapId: string): Promise<void> {
  await tx.db.deleteFrom("source_map_use").where("project_id", "=", projectId).where("map_id", "=", mapId).execute();
}

/** The stored JSON text; null when it was removed meanwhile. */
export async function readMap(db: Engine["reader"], projectId: string, mapId: string): Promise<string | null> {
  const row = await db
    .selectFrom("source_map")
    .select("map")
    .where("project_id", "=", projectId)
    .where("map_id", "=", mapId)
    .executeTakeFirst();
  return row?.map ?? null;
}

/** Thirty-two lower-case hex digits, however it was written; null for anything else. */
export function debugIdOf(text: string): string | null {
  if (text.length > 36) return null;
  const id = text.replaceAll("-", "").toLowerCase();
  return /^[0-9a-f]{32}$/.test(id) ? id : null;
}

/** Releases and files are compared as they are stored: scrubbed, one line. */
export const mapLabel = (text: string): string => (text === "" ? "" : scrubLabel(text, 512).value);
