import { sql } from "kysely";
import { SYSTEM } from "../actors.ts";
import { triageFault } from "../faults/triage.ts";
import type { NewId } from "../ids.ts";
import { happen } from "../notify/events.ts";
import type { Tx } from "../store/engine.ts";
import { keysOf, type Watch } from "./told.ts";

/**
 * Resolves what was told about something that is well again: its own faults and no other, and of those only
 * what is open. False while one of them is not there yet, because its event waits for the digest.
 */
export async function resolveTold(
  tx: Tx,
  given: {
    now: number;
    newId: NewId;
    projectId: string;
    watch: Watch;
    name: string;
    target: string;
    categories: readonly string[];
  },
): Promise<{ isDone: boolean; resolved: readonly string[] }> {
  const resolved: string[] = [];
  let isDone = true;
  for (const category of given.categories) {
    const key = await tx.db
      .selectFrom("fault_key")
      .select("fault_id")
      .where("project_id", "=", given.projectId)
      .where("fingerprint", "=", keysOf(given.watch, given.name, category).strict)
      .executeTakeFirst();
    // A person erased it.
    if (!key) continue;
    const fault = await tx.db
      .selectFrom("fault")
      .select(["status", "merged_into"])
      .where("fault_id", "=", key.fault_id)
      .executeTakeFirst();
    const waits = await tx.db
      .selectFrom("digest_queue")
      .select("queue_id")
      .where("project_id", "=", given.projectId)
      .where("target", "=", given.target)
      // As it stands in the index.
      .where("target", "<>", sql.lit(""))
      .where("fault_id", "=", key.fault_id)
      .limit(1)
      .executeTakeFirst();
    if (!fault || waits) {
      isDone = false;
      continue;
    }
    // What was merged into something larger is well only when that is.
    if (fault.merged_into !== null || (fault.status !== "open" && fault.status !== "regressed")) continue;
    await triageFault(tx, { now: given.now, newId: given.newId, by: SYSTEM }, key.fault_id, {
      action: "resolve",
      in_next_release: false,
    });
    resolved.push(key.fault_id);
  }
  if (isDone)
    happen(tx, given.newId, {
      projectId: given.projectId,
      type: `${given.watch}.recovered`,
      subject: given.name,
      at: given.now,
      fields: { target: given.target },
    });
  return { isDone, resolved };
}
