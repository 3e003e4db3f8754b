import type { Config } from "@prunella/contract";
import type { Engine } from "@prunella/kernel";
import { openSqlite } from "./sqlite.ts";
import type { SharedTurn } from "./writer-turn.ts";

/** The store that the configuration names. Each thread that writes opens one of its own, and they share the turn. */
export async function openEngine(
  { store }: Pick<Config, "store">,
  { databasePath, turn, readers }: { databasePath: string; turn: SharedTurn; readers: number },
): Promise<Engine> {
  if (store.url === null) return openSqlite(databasePath, undefined, turn);
  const { openPostgres } = await import("./postgres.ts");
  return openPostgres(store.url, undefined, readers);
}
