import type { Engine, Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { HeartbeatRow } from "./state.ts";

/** The row as it stands, held until the unit ends, so that two signs of life come one after the other. */
export async function holdByKey(tx: Tx, keySha256: string): Promise<HeartbeatRow | null> {
  if (tx.kind === "sqlite") return findByKey(tx.db, keySha256);
  const [row] = await rows<HeartbeatRow>(tx.db)`select * from heartbeat where key_sha256 = ${keySha256} for update`;
  return row ?? null;
}

/** The rows as they stood a moment ago, for what costs no unit. */
export async function findByKey(db: Engine["reader"], keySha256: string): Promise<HeartbeatRow | null> {
  const [row] = await rows<HeartbeatRow>(db)`select * from heartbeat where key_sha256 = ${keySha256}`;
  return row ?? null;
}

export async function find(db: Engine["reader"], projectId: string, name: string): Promise<HeartbeatRow | null> {
  const [row] = await rows<HeartbeatRow>(
    db,
  )`select * from heartbeat where project_id = ${projectId} and name = ${name}`;
  return row ?? null;
}

export async function hold(tx: Tx, projectId: string, name: string): Promise<HeartbeatRow | null> {
  if (tx.kind === "sqlite") return find(tx.db, projectId, name);
  const [row] = await rows<HeartbeatRow>(
    tx.db,
  )`select * from heartbeat where project_id = ${projectId} and name = ${name} for update`;
  return row ?? null;
}

/** Writes what a sign of life or a silence changes; what it is stays. */
export const write = (tx: Tx, row: HeartbeatRow): Promise<unknown> =>
  rows(tx.db)`update heartbeat set status = ${row.status}, category = ${row.category}, detail = ${row.detail},
    since = ${row.since}, heard_at = ${row.heard_at}, started_at = ${row.started_at}, took_ms = ${row.took_ms},
    said = ${row.said}, due_at = ${row.due_at}, look_at = ${row.look_at}, strip = ${row.strip},
    strip_at = ${row.strip_at}, changes = ${row.changes}, told = ${row.told}
    where project_id = ${row.project_id} and name = ${row.name}`;
