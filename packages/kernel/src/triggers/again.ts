import type { NewId } from "../ids.ts";
import { causeOf, type AttemptRow } from "../attempts/row.ts";
import type { Tx } from "../store/engine.ts";
import { part, rows } from "../store/rows.ts";
import { addWork } from "../work/kind.ts";
import { evaluationOf } from "./work.ts";

/** More would be a flood; the next failure asks by itself. */
const MOST = 500;
const NOTHING = part``;
const HOUR_MS = 3_600_000;

/**
 * What stood in the way is gone: whatever was refused because of it since, or whose permit was taken back, is
 * judged once more, each trigger and target once. Nothing is done by itself.
 */
export async function judgeHeld(
  tx: Tx,
  newId: NewId,
  given: {
    readonly now: number;
    readonly since: number;
    readonly refusal: "paused" | "outside_window";
    /** null: of all. */
    readonly projectId: string | null;
    readonly triggerId: string | null;
    readonly target: string | null;
  },
): Promise<void> {
  const { now, since, refusal, projectId, triggerId, target } = given;
  const within = part`created_at >= ${since - HOUR_MS} and subject_kind = 'trigger' and (refusal = ${refusal} or state = 'expired')
    and coalesce(ended_at, created_at) >= ${since} and trigger_id is not null and cause is not null
    ${projectId === null ? NOTHING : part`and project_id = ${projectId}`}
    ${triggerId === null ? NOTHING : part`and trigger_id = ${triggerId}`}
    ${target === null ? NOTHING : part`and target = ${target}`}`;
  // Equal refusals of an hour share the row of the first.
  const found = await rows<AttemptRow>(tx.db)`select * from (select self_heal_attempts.*,
      row_number() over (partition by project_id, trigger_id, target order by created_at desc, attempt_id desc) as nth
      from self_heal_attempts where ${within}) as held
    where nth = 1 order by created_at desc, attempt_id desc limit ${MOST}`;
  for (const row of found) {
    const cause = causeOf(row);
    if (cause === null || row.trigger_id === null) continue;
    const payload = { trigger: row.trigger_id, fault: row.fault_id, target: row.target, cause };
    addWork(tx, newId, { kind: evaluationOf(payload), projectId: row.project_id, dueAt: now, payload });
  }
}
