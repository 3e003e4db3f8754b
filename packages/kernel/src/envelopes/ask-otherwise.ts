import { sql } from "kysely";
import { BY_DEFAULT } from "../actors.ts";
import type { Askers } from "../escalations/asker.ts";
import { decide } from "../escalations/decide.ts";
import { approvedArgs, type EscalationRow } from "../escalations/row.ts";
import { ENVELOPE } from "../gate/envelope-book.ts";
import type { NewId } from "../ids.ts";
import type { Tx } from "../store/engine.ts";
import { askGate } from "../triggers/again.ts";

/**
 * An answer does now what it could not do before, or does not any more: what is asked about an envelope ends by its
 * default, and its trigger asks the gate, which asks as it is now. A probe says once that something is down, so
 * nobody else would. What no trigger asked stays as it is, for whoever did comes by themselves.
 */
export async function askOtherwise(
  tx: Tx,
  given: {
    readonly now: number;
    readonly newId: NewId;
    readonly askers: Askers;
    readonly projectId: string;
    readonly probe: string;
  },
): Promise<EscalationRow[]> {
  const { now, newId, projectId, probe } = given;
  const open = await tx.db
    .selectFrom("escalation_attempts")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("status", "=", sql.lit("open"))
    .orderBy("opened_at")
    .orderBy("escalation_id")
    .execute();
  const ended: EscalationRow[] = [];
  for (const question of open) {
    if (approvedArgs(question)?.[ENVELOPE] !== probe || !askGate(tx, newId, now, question)) continue;
    const { escalation_id: escalationId, default_decision: decision } = question;
    ended.push((await decide(tx, { ...given, escalationId, decision, by: BY_DEFAULT })).row);
  }
  return ended;
}
