import { sql } from "kysely";
import type { Engine, Tx } from "./engine.ts";

/** What processes keep in memory, and look at again when it has changed. */
export type Cached = "triggers" | "rules" | "source_maps";

/** Counts up in the transaction of a change, and returns the new value. */
export async function nextGeneration(tx: Tx, name: Cached): Promise<number> {
  const { rows } = await sql<{ value: number }>`insert into generation (name, value) values (${name}, 1)
    on conflict (name) do update set value = generation.value + 1 returning value`.execute(tx.db);
  return rows[0]?.value ?? 1;
}

export async function readGeneration(db: Engine["reader"], name: Cached): Promise<number> {
  const row = await db.selectFrom("generation").select("value").where("name", "=", name).executeTakeFirst();
  return row?.value ?? 0;
}
