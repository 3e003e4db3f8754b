import { sql } from "kysely";
import type { Remedies } from "../gate/remedy.ts";
import { lockHead } from "../ledger/append.ts";
import type { Tx } from "../store/engine.ts";
import { ACTIVE, endAttempt } from "./end.ts";
import { handOn, type OutcomeDeps } from "./outcome.ts";

/**
 * What a process left that ended: an attempt that was running has no outcome, and nobody can say what
 * came of it. It counts as abandoned, never as success, and nothing is retried blindly. Where an
 * executor outside carries it out, that one comes back and asks; where the dead process did, a person is asked.
 */
export async function reconcile(
  tx: Tx,
  given: { now: number; nodeId: string; remedies: Remedies } & Pick<OutcomeDeps, "escalate" | "climb">,
): Promise<void> {
  await lockHead(tx);
  const left = await tx.db
    .selectFrom("self_heal_attempts")
    .selectAll()
    .where(ACTIVE)
    .where("state", "=", sql.lit("running"))
    .where("node_id", "=", given.nodeId)
    .orderBy("created_at")
    .orderBy("attempt_id")
    .execute();
  for (const attempt of left) {
    if (!(await endAttempt(tx, given.now, attempt, "abandoned"))) continue;
    if (given.remedies.get(attempt.action ?? "")?.act) await handOn(tx, given, attempt);
  }
}
