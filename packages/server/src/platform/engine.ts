import type { Config } from "@prunella/contract";
import type { Engine } from "@prunella/kernel";
import { openSqlite } from "./sqlite.ts";
import type { SharedTurn } from "./writer-turn.ts";

/** The store that the configuration names. Each thread that writes opens one of its own, and they share the turn. */
export async function openEngine(
  { store }: Pick<Config, "store">,
  given: { databasePath: string; turn: SharedTurn; readers: number; syncs: "within" | "beside" },
): Promise<Engine> {
  const { databasePath, turn, readers, syncs } = given;
  if (store.url === null) return openSqlite(databasePath, undefined, turn, syncs);
  const { openPostgres } = await import("./postgres.ts");
  return openPostgres(store.url, undefined, readers);
}
