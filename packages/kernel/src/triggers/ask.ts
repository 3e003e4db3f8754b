import type { Trust } from "@prunella/contract";
import type { NewId } from "../ids.ts";
import { tally } from "../ledger/tally.ts";
import type { Tx } from "../store/engine.ts";
import { addOnce, addWorks, POSTPONE_MS, type NewWork } from "../work/kind.ts";
import type { TriggerCache, Watching } from "./cache.ts";
import { judgeCounted, type Counted, type Seen } from "./condition.ts";
import { countedSince } from "./counted.ts";
import { createEvaluationLog } from "./evaluation-log.ts";
import { createHourCounts } from "./hours.ts";
import {
  EVALUATE_PUBLIC,
  evaluationOf,
  LOOK_AGAIN,
  LOOK_AGAIN_PUBLIC,
  lookAgainName,
  type Evaluation,
} from "./work.ts";

/** A second of equal events, with what is known of their fault. */
export interface SeenRow extends Seen {
  readonly project_id: string;
  readonly trust: Trust;
  readonly count: number;
  readonly last_at: number;
}

/** Targets of this kind speak of Prunella itself; whatever a trigger acts on, the gate must see that. */
const OURSELVES = "prunella:";

/**
 * Holds what came in against the triggers that it concerns, and queues an evaluation for each whose condition holds.
 * Resolves with these, also those that are looked at again first.
 */
export async function askTriggers(
  tx: Tx,
  seen: readonly SeenRow[],
  deps: { now: number; newId: NewId; triggers: TriggerCache },
): Promise<readonly Evaluation[]> {
  const held: Evaluation[] = [];
  const evaluations: NewWork<Evaluation>[] = [];
  const asked = new Set<string>();
  const hours = createHourCounts(deps.now);
  const log = createEvaluationLog(deps.now, deps.newId);
  const reached = new Map<string, Promise<boolean>>();

  for (const row of seen) {
    const isPublic = row.trust === "public";
    for (const watching of deps.triggers.candidates(row.project_id, row)) {
      const { triggerId, allowsPublic, condition, logsAll } = watching;
      const isHeld = await judgeCounted(condition, row, (counted) => isReached(watching, row, counted));
      // Anyone can send such an event, as often as they like: it is counted, and nobody is asked.
      if (isPublic && !allowsPublic) {
        if (isHeld) await tally(tx, row.project_id, "refused.untrusted_source", deps.now, row.count);
        continue;
      }
      hours.add(row.project_id, triggerId, isHeld);
      if (logsAll) {
        const { project_id, root_id: fault_id, target, source, trust, level, count } = row;
        log.add({ project_id, trigger_id: triggerId, held: isHeld, fault_id, target, source, trust, level, count });
      }
      if (!isHeld) continue;
      const payload: Evaluation = {
        trigger: triggerId,
        fault: row.root_id,
        target: row.target.startsWith(OURSELVES) ? row.target : (watching.target ?? row.target),
        cause: { source: row.source, trust: row.trust, level: row.level },
      };
      held.push(payload);
      if (condition.for_ms !== undefined) {
        lookAgain(row, payload, condition.for_ms);
        continue;
      }
      if (isPublic) {
        const name = JSON.stringify([row.project_id, payload]);
        if (asked.has(name) || (await isQueued(tx, row.project_id, payload, deps.now))) continue;
        asked.add(name);
      }
      evaluations.push({ kind: evaluationOf(payload), projectId: row.project_id, dueAt: deps.now, payload });
    }
  }
  hours.write(tx);
  await log.write(tx);
  await addWorks(tx, deps.newId, evaluations);
  return held;

  /** Once a digest for each fault or target: what it counts is the same for all of their events. */
  function isReached({ triggerId, allowsPublic }: Watching, row: SeenRow, counted: Counted): Promise<boolean> {
    const name = JSON.stringify([row.project_id, triggerId, counted, row.fault_id, row.target]);
    let found = reached.get(name);
    if (found === undefined)
      reached.set(name, (found = countedSince(tx.db, { row, counted, now: deps.now, allowsPublic })));
    return found;
  }

  /** The first failure of an episode sets the time; those that follow do not put it off. */
  function lookAgain(row: SeenRow, evaluation: Evaluation, afterMs: number): void {
    const { project_id: projectId, isNew, isRegressed } = row;
    const payload = { ...evaluation, seen: row.fault_id, since: deps.now, is_new: isNew, is_regressed: isRegressed };
    const kind = evaluation.cause.trust === "public" ? LOOK_AGAIN_PUBLIC : LOOK_AGAIN;
    addOnce(tx, lookAgainName(evaluation), { kind, projectId, dueAt: deps.now + afterMs, payload });
  }
}

/** What waits for something to pass is another thing: that may be hours away, and be over before. */
async function isQueued(tx: Tx, projectId: string, payload: Evaluation, now: number): Promise<boolean> {
  const row = await tx.db
    .selectFrom("work")
    .select("work_id")
    .where("kind", "=", EVALUATE_PUBLIC.name)
    .where("project_id", "=", projectId)
    .where("payload", "=", JSON.stringify(payload))
    .where("due_at", "<=", now + POSTPONE_MS)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
