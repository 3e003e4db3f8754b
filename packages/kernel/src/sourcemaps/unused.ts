import type { Tx } from "../store/engine.ts";
import { nextGeneration } from "../store/generation.ts";

/** Takes away the map of a project that was not read for the longest; only one that was last read before a moment, where one is given. */
export async function dropLeastUsed(tx: Tx, projectId: string, before: number | null = null): Promise<boolean> {
  let query = tx.db.selectFrom("source_map_use").select("map_id").where("project_id", "=", projectId);
  if (before !== null) query = query.where("used_at", "<", before);
  const map = await query.orderBy("used_at").limit(1).executeTakeFirst();
  if (!map) return false;
  await nextGeneration(tx, "source_maps");
  for (const table of ["source_map", "source_map_use"] as const)
    await tx.db.deleteFrom(table).where("project_id", "=", projectId).where("map_id", "=", map.map_id).execute();
  return true;
}

const DAY_MS = 86_400_000;

/** Remembers which maps are read, to the day: a map itself is too large a row to be written for that. */
export async function noteUse(
  tx: Tx,
  now: number,
  maps: readonly { projectId: string; mapId: string }[],
): Promise<void> {
  for (const { projectId, mapId } of maps)
    await tx.db
      .updateTable("source_map_use")
      .set({ used_at: now })
      .where("project_id", "=", projectId)
      .where("map_id", "=", mapId)
      .where("used_at", "<", now - DAY_MS)
      .execute();
}
