import { PrunellaError, type Decision } from "@prunella/contract";
import type { NewId } from "../ids.ts";
import { appendLedger } from "../ledger/append.ts";
import type { Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { addWork } from "../store/work.ts";
import { leaveDown } from "../supervised/supervised.ts";

type EscalationRow = Tables["escalation_attempts"];

/**
 * A person's answer, or the default when its time is over. Single use: a second decision is
 * refused. `restart_once` asks the gate again with a person's authority; it opens nothing by itself.
 */
export async function decide(
  tx: Tx,
  given: { now: number; newId: NewId; escalationId: string; decision: Decision; by: "person" | "default" },
): Promise<EscalationRow> {
  const { now, escalationId, decision, by } = given;
  const standing = await tx.db
    .selectFrom("escalation_attempts")
    .selectAll()
    .where("escalation_id", "=", escalationId)
    .executeTakeFirst();
  if (!standing) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such escalation." });
  if (standing.status !== "open") {
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail: `This escalation is ${standing.status} already: ${standing.decision ?? standing.default_decision}.`,
    });
  }
  const decided = await tx.db
    .updateTable("escalation_attempts")
    .set(({ eb }) => ({
      status: by === "person" ? "decided" : "expired",
      decision,
      decided_by: by,
      decided_at: now,
      version: eb("version", "+", 1),
    }))
    .where("project_id", "=", standing.project_id)
    .where("escalation_id", "=", escalationId)
    .where("status", "=", "open")
    .returningAll()
    .executeTakeFirst();
  if (!decided) throw new PrunellaError("PRUNELLA_CONFLICT", { detail: "Somebody else has just decided." });
  if (decision === "leave_stopped") await leaveDown(tx, now, decided.project_id, decided.target);
  else await addWork(tx, given.newId, decided.project_id, now, { kind: "decided", escalation: escalationId, decision });
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "escalation_decided",
    project: decided.project_id,
    escalation: escalationId,
    decision,
    by,
  });
  return decided;
}
