import type { Engine, Tx } from "../store/engine.ts";

/** How often a process says that it lives, and after which silence it is taken for dead. */
export const BEAT_MS = 5_000;
export const DEAD_MS = 30_000;

/** Where a process keeps its data folder: its lock says that whoever was there before is dead. */
export interface Node {
  readonly id: string;
  readonly place: string;
}

/** Enters this process; earlier ones of the same place are dead, because the place has one owner. Returns those. */
export async function enter(tx: Tx, node: Node, now: number): Promise<string[]> {
  const before = await tx.db
    .selectFrom("node")
    .select("node_id")
    .where("place", "=", node.place)
    .orderBy("node_id")
    .execute();
  await tx.db
    .insertInto("node")
    .values({ node_id: node.id, place: node.place, started_at: now, heard_at: now })
    .execute();
  return before.map((row) => row.node_id);
}

/** False when others took this process for dead and struck it off. */
export async function beat(tx: Tx, nodeId: string, now: number): Promise<boolean> {
  const kept = await tx.db.updateTable("node").set({ heard_at: now }).where("node_id", "=", nodeId).executeTakeFirst();
  return kept.numUpdatedRows > 0n;
}

export async function deadNodes(db: Engine["reader"], now: number): Promise<string[]> {
  const rows = await db
    .selectFrom("node")
    .select("node_id")
    .where("heard_at", "<", now - DEAD_MS)
    .orderBy("node_id")
    .execute();
  return rows.map((row) => row.node_id);
}

export async function strike(tx: Tx, nodeId: string): Promise<void> {
  await tx.db.deleteFrom("lease").where("node_id", "=", nodeId).execute();
  await tx.db.deleteFrom("node").where("node_id", "=", nodeId).execute();
}

/** Since when somebody has been there to hear supervisors. */
export async function servingSince(db: Engine["reader"], now: number): Promise<number> {
  const row = await db
    .selectFrom("node")
    .select(({ fn }) => fn.min("started_at").as("since"))
    .where("heard_at", ">=", now - DEAD_MS)
    .executeTakeFirst();
  return row?.since ?? now;
}
