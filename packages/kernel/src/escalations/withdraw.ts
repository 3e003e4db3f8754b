import type { NewId } from "../ids.ts";
import type { Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { decide } from "./decide.ts";

/**
 * A run that is gone leaves nothing that a restart could act on: what was asked about it takes its
 * default, or a person would be asked what no answer can change.
 */
export async function withdrawQuestions(
  tx: Tx,
  given: { now: number; newId: NewId; projectId: string; target: string },
): Promise<Tables["escalation_attempts"][]> {
  const open = await tx.db
    .selectFrom("escalation_attempts")
    .select(["escalation_id", "default_decision"])
    .where("project_id", "=", given.projectId)
    .where("target", "=", given.target)
    .where("status", "=", "open")
    .orderBy("escalation_id")
    .execute();
  const closed: Tables["escalation_attempts"][] = [];
  for (const { escalation_id: escalationId, default_decision: decision } of open)
    closed.push(await decide(tx, { now: given.now, newId: given.newId, escalationId, decision, by: "default" }));
  return closed;
}
