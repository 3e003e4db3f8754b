import { Refusal, type Decided, type Escalation } from "@prunella/contract";
import type { Engine } from "../store/engine.ts";

/** What came of a decision, without the words on how to change it. */
export type Ruling = Omit<Decided, "change_with" | "escalation">;

/** What the gate said when it was asked on this decision's behalf; null while it has not answered. */
export async function readRuling(db: Engine["reader"], escalation: Escalation): Promise<Ruling | null> {
  if (escalation.decision !== "restart_once") return { verdict: "none", refusal: null, detail: null, attempt_id: null };
  const attempt = await db
    .selectFrom("self_heal_attempts")
    .select(["attempt_id", "refusal", "refusal_detail"])
    .where("project_id", "=", escalation.project_id)
    .where("trigger_id", "=", escalation.trigger_id)
    .where("target", "=", escalation.target)
    .where("authority", "=", "person")
    .where("created_at", ">=", escalation.decided_at ?? escalation.opened_at)
    .orderBy("created_at")
    .orderBy("attempt_id")
    .executeTakeFirst();
  if (!attempt) return null;
  if (attempt.refusal === null)
    return { verdict: "permitted", refusal: null, detail: null, attempt_id: attempt.attempt_id };
  const refusal = Refusal.parse(attempt.refusal);
  return { verdict: "refused", refusal, detail: attempt.refusal_detail, attempt_id: attempt.attempt_id };
}

/** The gate was asked and has not answered yet. */
export const PENDING: Ruling = { verdict: "pending", refusal: null, detail: null, attempt_id: null };
