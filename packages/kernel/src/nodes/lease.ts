import { sql } from "kysely";
import type { Tx } from "../store/engine.ts";

/** Takes or keeps a lease until `now + ms`; false when a living process has it. */
export async function takeLease(tx: Tx, name: string, nodeId: string, now: number, ms: number): Promise<boolean> {
  const { rows } = await sql`insert into lease (name, node_id, until_at) values (${name}, ${nodeId}, ${now + ms})
    on conflict (name) do update set node_id = excluded.node_id, until_at = excluded.until_at
    where lease.node_id = excluded.node_id or lease.until_at <= ${now} returning name`.execute(tx.db);
  return rows.length > 0;
}

/** Lets a lease go, so that the next one need not wait for its end. */
export async function dropLease(tx: Tx, name: string, nodeId: string): Promise<void> {
  await tx.db.deleteFrom("lease").where("name", "=", name).where("node_id", "=", nodeId).execute();
}
