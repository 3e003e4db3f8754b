import { Cause } from "@prunella/contract";
import type { NewId } from "../ids.ts";
import type { Clock } from "../ports.ts";
import type { Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { addWork } from "../work/kind.ts";
import type { Policies } from "./policy.ts";
import { evaluationOf } from "./work.ts";

type Attempt = Pick<
  Tables["self_heal_attempts"],
  "project_id" | "subject_kind" | "trigger_id" | "rung" | "fault_id" | "target" | "cause"
>;

/**
 * When a remedy of a ladder has failed, asks the gate for the next one, because of nothing but that: no
 * further failure need come in. False where it was the last, or nobody's ladder: then a person is asked.
 */
export function createClimb({
  policies,
  clock,
  newId,
}: {
  policies: Policies;
  clock: Pick<Clock, "now">;
  newId: NewId;
}) {
  return async (tx: Tx, attempt: Attempt): Promise<boolean> => {
    const { project_id: projectId, trigger_id: triggerId, fault_id: fault, target, cause } = attempt;
    if (attempt.subject_kind !== "trigger" || triggerId === null || cause === null) return false;
    const trigger = await policies.trigger(tx.db, projectId, triggerId);
    if (!trigger || attempt.rung + 1 >= trigger.remedies.length) return false;
    const payload = { trigger: triggerId, fault, target, cause: Cause.parse(JSON.parse(cause)) };
    addWork(tx, newId, { kind: evaluationOf(payload), projectId, dueAt: clock.now(), payload });
    return true;
  };
}
