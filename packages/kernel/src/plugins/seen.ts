import { createHash } from "node:crypto";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";

/** What happens once within a time, however often somebody begins it. */
export interface Once {
  readonly key: string;
  readonly windowMs: number;
}

/**
 * Whether it is seen for the first time within its time; from now on it was. One statement, so that of two servers
 * one is the first.
 */
export async function isFirst(tx: Tx, now: number, projectId: string, { key, windowMs }: Once): Promise<boolean> {
  const found = await rows(tx.db)`
    insert into delivery_seen (project_id, delivery_sha256, until) values (${projectId}, ${digestOf(key)}, ${now + windowMs})
    on conflict (project_id, delivery_sha256) do update set until = excluded.until
    where delivery_seen.until <= ${now} returning 1`;
  return found.length > 0;
}

/** Whether none of these was seen. */
export async function areFirst(tx: Tx, now: number, projectId: string, all: readonly Once[]): Promise<boolean> {
  for (const once of all) if (!(await isFirst(tx, now, projectId, once))) return false;
  return true;
}

export const digestOf = (key: string): string => createHash("sha256").update(key).digest("hex");
